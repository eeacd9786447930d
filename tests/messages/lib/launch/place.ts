import * as messages from "../../../../lib/launch/place/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  fewerCoresThanBoards: [[1, 8], [2, 8]],
  cpusNotKept: [[]],
  memoryNotPreferred: [[]],
});

export default SAMPLES;
