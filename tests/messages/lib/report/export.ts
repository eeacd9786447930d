import * as messages from "../../../../lib/report/export/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  noGpuEnergy: [[null], ["no NVIDIA driver"]],
  otherGpu: [[["NVIDIA L4"], "H100-80GB"]],
  energyNotResolved: [["marginal", ["the window of 2 s is shorter than 10 s"]], ["marginal", []]],
  notSteady: [[]],
  itlMissing: [[]],
  otherPrompts: [["AI Energy Score"]],
  tooFewPrompts: [[100, 1000]],
});
export default SAMPLES;
