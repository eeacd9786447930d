import * as messages from "../../../lib/results/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  serverFactsDiffer: [["/v1/models", "data[0].max_model_len", "4096", "8192"]],
  moreFactsDiffer: [[12]],
});

export default SAMPLES;
