import * as messages from "../../../../lib/report/studies/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  runningOf: [[1234, null], [1234, "node7"]],
  andMoreConfigs: [["vllm / qwen-qwen3-8b", 2]],
  resultsLost: [[2, "results/a b"]],
  noStudiesIn: [["results"]],
  missingResult: [[4, "results/s/runs/0004_m/result.json"]],
  moreMissingResults: [[2]],
  restInOtherParts: [[1], [6]],
  isPart: [[{ index: 1, of: 3 }, 6], [{ index: 2, of: 2 }, 1]],
  rerunMissing: [["results/a b", 1], ["results/s", 2]],
});

export default SAMPLES;
