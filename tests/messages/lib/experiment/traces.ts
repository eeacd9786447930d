import * as messages from "../../../../lib/experiment/traces/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const TRACE = "/srv/studies/azure.csv";

const SAMPLES: SampledMessages = samplesOf(messages, {
  traceUnreadable: [[TRACE, "No such file or directory (os error 2)"]],
  traceFormatUnknown: [[TRACE, "time,prompt,answer"]],
  traceRowBad: [[TRACE, 7, messages.valueIsNoCount("ContextTokens", '"many"')]],
  traceEmpty: [[TRACE]],
  traceTooShort: [[TRACE, 3000, 4000]],
  lineIsNoJson: [["Unexpected end of JSON input"]],
  valueIsNoTime: [["TIMESTAMP", '"yesterday"']],
  valueIsNoCount: [["Request tokens", '"-1"']],
  hashIdsBad: [['["a"]']],
});

export default SAMPLES;
