import * as messages from "../../../../../worker/engines/openai/run/messages.ts";
import { type SampledMessages, samplesOf } from "../../../samples.ts";

const URL = "http://127.0.0.1:8000/v1";

const SAMPLES: SampledMessages = samplesOf(messages, {
  noSection: [[]],
  keyMissing: [["OPENAI_API_KEY"]],
  serverUnreachable: [[URL, "no connection to 127.0.0.1:8000: Connection refused (os error 111)"]],
  ownServerSilent: [[URL, "no answer in 30 s"]],
  noModelServed: [[URL, 200, null], [URL, 404, null], [URL, 401, null], [URL, 403, "KEY"], [URL, 500, null]],
  tooFewConnections: [[2048, 1100]],
  connectionsNotOpened: [["no connection to 127.0.0.1:8000: Connection refused (os error 111)"]],
  warmUpProgress: [[]],
  idleProgress: [[]],
  steadyProgress: [[]],
  requestsFailed: [
    [8, [["http_429", 2], ["timeout", 1]], "Too many requests. (rate_limit_exceeded 429)"],
    [8, [["timeout", 1]], null],
  ],
  allRequestsFailed: [
    [URL, 8, [["http_404", 8]], "The model `x` does not exist."],
    [URL, 1, [["http_401", 1]], null],
    [URL, 1, [["http_401", 1]], null, "KEY"],
    [URL, 8, [["http_503", 8]], "Loading model"],
    [URL, 8, [["http_301", 8]], "The server answered 301 and points to https://api.example/v1/completions"],
    [URL, 8, [["truncated", 8]], null],
  ],
  inputLengthsDiffer: [[3, 2]],
  outputLengthsDiffer: [[3]],
  answersLeftOut: [[4]],
  answersEmpty: [[2, 8]],
  outputLengthsFree: [[]],
  clientWasLimit: [[["late", "loop_lag", "cpu", "ports"], 12.34], [["cpu"], null]],
  requestsHeldBack: [[1, 12.34], [19, 225.04]],
  windowCouldNotWait: [["in_flight", 90.2]],
  windowOverloaded: [[]],
  windowDrifts: [[]],
});

export default SAMPLES;
