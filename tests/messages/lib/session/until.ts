import * as messages from "../../../../lib/session/until/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  cyclesAreFixed: [["results/study"]],
  mostTooFew: [[6, 6]],
  limitsTaken: [[40, null], [40, 28_800]],
  metricUnknown: [[]],
  ownMetric: [[6]],
  metricNotMetered: [[6]],
});

export default SAMPLES;
