import * as messages from "../../../../lib/report/verdict/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  runsFailed: [[2, 15, "results/threads_1"], [1, 1, "'results/a b'"]],
  nothingCompleted: [[]],
  onlyExperiment: [[["7350 +-30 % output tok/s", "0.682 +-11 % TTFT p50 ms"], 5], [["5 score"], 1]],
  tooFewCycles: [[3]],
  undecidedLeft: [[3, 9, 4], [1, 1, null]],
  compareIn: [["results/threads_1"]],
  reportIn: [["results/threads_1"]],
  reportAt: [["results/threads_1/report.html"]],
});
export default SAMPLES;
