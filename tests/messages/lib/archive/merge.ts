import * as messages from "../../../../lib/archive/merge/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  otherStudyInMerge: [["results/a", "results/b", ["n_cycles was 3, is 5"]]],
  ordersDiffer: [["results/a", "results/b"]],
  growsByResults: [["results/a", "execution.until"], ["results/a", "search"]],
  stillRunning: [["results/a", 12], ["results/a", null]],
  mergedExists: [["results/all"]],
  attemptsDisagree: [["0003_m", ["results/a", "results/b"]]],
  mergedInto: [
    ["results/all", { parts: 3, completed: 9, total: 9, superseded: 0 }],
    ["results/all", { parts: 1, completed: 0, total: 1, superseded: 0 }],
    ["results/all", { parts: 2, completed: 8, total: 9, superseded: 1 }],
  ],
  partsLeft: [[1, []], [3, ["2/3"]]],
  machinesDiffer: [["results/a", "results/b", ["driver: 550.54 against 560.1"]]],
});

export default SAMPLES;
