import * as messages from "../../../../lib/session/parallel/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  demandUnknown: [["command"]],
  devicesTooFew: [[2, 4]],
  runsNeedMore: [[1, 2], [3, 4]],
  cannotPlace: [[{
    key: "devices",
    message: "a run takes 4 devices, but there are 3",
    hint: "name 4 or more",
  }]],
});

export default SAMPLES;
