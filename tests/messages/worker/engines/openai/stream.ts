import * as messages from "../../../../../worker/engines/openai/stream/messages.ts";
import { type SampledMessages, samplesOf } from "../../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  serverErrorText: [
    ["This model's maximum context length is 8192 tokens", "BadRequestError 400"],
    ["Out of memory", ""],
    ["", "InternalServerError"],
    ["", ""],
  ],
  answeredWith: [["502 Bad Gateway nginx"]],
  withoutText: [[503]],
  pointsElsewhere: [[301, "https://api.example/v1/completions"]],
  endedEarly: [[0], [12]],
  brokenOff: [["connection reset by peer"]],
  notAStream: [['{"object":"text_completion","choices":[]}']],
  notReadable: [["hello"]],
  eventTooLarge: [[8]],
  gaveUp: [["abort"]],
});

export default SAMPLES;
