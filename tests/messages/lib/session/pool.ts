import * as messages from "../../../../lib/session/pool/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  noBoards: [["staged"]],
  sharedCap: [["NVIDIA GH200 480GB"]],
});

export default SAMPLES;
