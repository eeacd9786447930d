import * as messages from "../../../../../worker/engines/openai/run/messages.ts";
import { type SampledMessages, samplesOf } from "../../../samples.ts";

const URL = "http://127.0.0.1:8000/v1";

const SAMPLES: SampledMessages = samplesOf(messages, {
  noSection: [[]],
  keyMissing: [["OPENAI_API_KEY"]],
  serverUnreachable: [[URL, "Connection refused (os error 111)"]],
  noModelServed: [[URL]],
  tooFewConnections: [[4096, 3200]],
  connectionsNotOpened: [["Connection refused (os error 111)"]],
  warmUpProgress: [[]],
  idleProgress: [[]],
  steadyProgress: [[]],
  requestsFailed: [[100, [["http_429", 2], ["truncated", 1]], "Too many requests"], [
    8,
    [["timeout", 1]],
    null,
  ]],
  allRequestsFailed: [
    [URL, 8, [["http_404", 8]], "The model `x` does not exist."],
    [URL, 1, [["connect", 1]], null],
    [URL, 2, [["truncated", 2]], null],
  ],
  inputLengthsDiffer: [[3, 1]],
  outputLengthsDiffer: [[3]],
  outputLengthsFree: [[]],
  clientWasLimit: [[["late", "cpu"], 12.34], [["loop_lag", "ports"], null]],
  windowCouldNotWait: [["one_median_request", 120], ["power", 60]],
  windowOverloaded: [[]],
  windowDrifts: [[]],
});

export default SAMPLES;
