import * as messages from "../../../../../lib/report/html/definitions/messages.ts";
import { type SampledMessages, samplesOf } from "../../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, { definitionsTitle: [[]] });
export default SAMPLES;
