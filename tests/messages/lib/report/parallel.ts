import * as messages from "../../../../lib/report/parallel/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  outlookOff: [["unknown_demand"], ["no_gate"], ["all_alone"], ["one_board"]],
  outlookWidth: [
    ["staged", { width: 3, boards: 8, chains: 3, from: "found" }],
    ["shared", { width: 8, boards: 8, chains: 24, from: "assumed" }],
  ],
  outlookTime: [
    [{ studies: null, seconds: 2820, off_seconds: 4200, measured_seconds: 1260 }],
    [{ studies: 2, seconds: 3000, off_seconds: 3000, measured_seconds: null }],
  ],
  outlookSource: [[null, 60], [1, 60], [2, 60]],
  outlookMeasured: [[1260]],
  outlookPairBy: [[["model"], 8, 1800], [["model"], 6, null]],
  outlookCycles: [[8, 8]],
  outlookAlone: [
    [1, "never"],
    [2, "no_gpu"],
    [1, "rapl"],
    [1, "load_time"],
    [1, "no_gate"],
    [1, "mig"],
  ],
});

export default SAMPLES;
