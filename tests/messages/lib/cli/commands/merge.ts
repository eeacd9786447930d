import * as messages from "../../../../../lib/cli/commands/merge/messages.ts";
import { type SampledMessages, samplesOf } from "../../../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {});

export default SAMPLES;
