import * as messages from "../../worker/messages.ts";
import { type SampledMessages, samplesOf } from "./samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  workerFailedUnexpectedly: [["Maximum call stack size exceeded"]],
  workerDefect: [["RangeError: Maximum call stack size exceeded"]],
  noSuchBackend: [["vllm", ["llamacpp"]]],
  stdinIsTerminal: [[]],
  stdinEndedEarly: [[]],
  noAssignment: [["stdin is a terminal"]],
});

export default SAMPLES;
