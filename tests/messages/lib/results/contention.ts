import * as messages from "../../../../lib/results/contention/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const OTHERS = { others_cpus: 1.6, usable_cpus: 2, covers: "measured_windows" } as const;

const SAMPLES: SampledMessages = samplesOf(messages, {
  waited: [[OTHERS, 0.31], [{ ...OTHERS, covers: "run" }, 0.31]],
  oneThreadWaited: [[OTHERS, 0.4]],
  allBusy: [[OTHERS]],
  stolen: [[0.12]],
  throttled: [[0.5, 2], [0.5, null]],
  tooShort: [[0.02, 0.1]],
  ownNotCounted: [[]],
  machineNotRead: [[]],
  waitsNotReported: [[]],
  noProcess: [[]],
  nothingObserved: [[]],
  amongOthers: [[["0003_a_vllm_77aa0001_c1"]], [["a", "b", "c", "d"]]],
  contendedRun: [[[messages.allBusy(OTHERS)]]],
  contendedStudy: [[1, 1], [3, 10]],
});

export default SAMPLES;
