import * as messages from "../../../../../lib/cli/commands/kubernetes/messages.ts";
import { type SampledMessages, samplesOf } from "../../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  notACount: [["many", 1]],
  manifestNotes: [["study.yaml", "/studies/llem-study", "llem-studies"]],
});
export default SAMPLES;
