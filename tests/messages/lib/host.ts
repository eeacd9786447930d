import * as messages from "../../../lib/host/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  notMounted: [[]],
  notReadable: [[]],
});

export default SAMPLES;
