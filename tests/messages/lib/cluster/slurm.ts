import * as messages from "../../../../lib/cluster/slurm/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  lineBreakInScript: [["/data/my\nstudies"]],
  slurmIsMissing: [["sbatch"]],
  slurmIsSlow: [["squeue", 60]],
  sbatchFailed: [["invalid partition specified: nope"], [""]],
});
export default SAMPLES;
