import * as messages from "../../../../../lib/report/html/charts/messages.ts";
import { type SampledMessages, samplesOf } from "../../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  throughputLatencyText: [[3]],
});
export default SAMPLES;
