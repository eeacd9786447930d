import * as messages from "../../../../lib/report/compare/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  comparedSentence: [["n_threads=4", "output tok/s", 1.234, "n_threads=1"]],
  nothingCompared: [[]],
});
export default SAMPLES;
