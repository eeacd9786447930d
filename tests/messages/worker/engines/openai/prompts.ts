import * as messages from "../../../../../worker/engines/openai/prompts/messages.ts";
import { type SampledMessages, samplesOf } from "../../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  lengthsApproximate: [[512, null], [512, { wrong: 3, of: 100, extra: 1 }], [16, {
    wrong: 100,
    of: 100,
    extra: 30,
  }]],
  promptsNotCut: [[3, 100, 512]],
  noCacheReset: [["ollama"]],
  cacheNotReset: [
    ["/reset_prefix_cache", "HTTP 404", "Start the server with VLLM_SERVER_DEV_MODE=1."],
    ["/flush_cache", "HTTP 400", ""],
  ],
  devModeNeeded: [[]],
  prefixCacheHit: [[0.253, "unique"]],
});

export default SAMPLES;
