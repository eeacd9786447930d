import * as messages from "../../../../lib/experiment/engines/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  programNeeded: [[]],
  serverNeeded: [[]],
  alreadySet: [[["API_TOKEN"]], [["API_TOKEN", "OMP_NUM_THREADS"]]],
  flashAttentionNeeded: [["q8_0"]],
  ubatchTooLarge: [[64, 128]],
  bothQuantised: [[]],
  cacheNeeded: [[]],
  speculativeTokensNeeded: [["vllm.engine.num_speculative_tokens"]],
});

export default SAMPLES;
