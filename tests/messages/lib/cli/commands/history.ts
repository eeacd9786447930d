import * as messages from "../../../../../lib/cli/commands/history/messages.ts";
import { type SampledMessages, samplesOf } from "../../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  notANumberOfStudies: [["0"], ["all"]],
  noStudyIn: [["results"]],
  nothingCompleted: [["results"]],
  noSuchConfiguration: [
    ["n_threads=9", ["tiny-random, llamacpp, n_threads=1", "tiny-random, llamacpp, n_threads=2"], 0],
    ["n_threads=9", ["tiny-random, llamacpp, n_threads=1"], 7],
  ],
  noSuchMetric: [["speed", ["output_tokens_per_s", "score"]]],
  gateNeedsDirection: [["score"]],
});
export default SAMPLES;
