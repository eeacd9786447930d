import * as messages from "../../../../lib/report/metered/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  meterHeadings: [[]],
  meterShare: [[0.0012]],
  oneSecondAverage: [[]],
  programEnergy: [
    ["10500 J +- 3 %, 350 W by counter", 30, "resolved"],
    ["energy cannot be determined", 0.004, "unattributable"],
  ],
  noProgramEnergy: [[2, "no meter was found"]],
  energyUndetermined: [[]],
  energyWithPower: [[10500, 0.03, 350, "counter"], [10500, null, null, "integral"]],
  deviceEnergy: [
    ["NVIDIA H100 GPU-a", { joules: 9000, source: "counter" }, {
      counter_j: 9000,
      integral_j: 8991,
      ratio: 1.001,
    }, false],
    ["NVIDIA H100 GPU-b", { joules: 1500, source: "integral" }, null, true],
    ["NVIDIA H100 GPU-b", null, null, false],
  ],
  verdictReason: [["marginal", "the window of 2 s is short"]],
});

export default SAMPLES;
