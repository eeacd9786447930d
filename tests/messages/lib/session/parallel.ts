import * as messages from "../../../../lib/session/parallel/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  demandUnknown: [["command"]],
  devicesTooFew: [[2, 4]],
  runsNeedMore: [[1, 2], [3, 4]],
});

export default SAMPLES;
