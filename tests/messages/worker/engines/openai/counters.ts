import * as messages from "../../../../../worker/engines/openai/counters/messages.ts";
import { type SampledMessages, samplesOf } from "../../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  tokensApart: [["output", 51_200, 48_000]],
  countersUnavailable: [["/metrics", "HTTP 501", "Start the server with --metrics."], [
    "/metrics",
    "HTTP 404",
    "",
  ]],
  countersCutShort: [[64]],
  optionNeeded: [["--metrics"]],
});

export default SAMPLES;
