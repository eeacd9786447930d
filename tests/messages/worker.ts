import * as messages from "../../worker/messages.ts";
import { type SampledMessages, samplesOf } from "./samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  workerFailedUnexpectedly: [["Maximum call stack size exceeded"]],
  workerDefect: [["RangeError: Maximum call stack size exceeded"]],
  noSuchBackend: [["vllm", ["llamacpp"]]],
  stdinIsTerminal: [[]],
  stdinEndedEarly: [[]],
  noAssignment: [["stdin is a terminal"]],
  noPromptsGiven: [[]],
  promptsChanged: [["/srv/results/x/prompts/0123.jsonl"]],
  promptsUnreadable: [["/srv/results/x/prompts/0123.jsonl", "No such file or directory (os error 2)"]],
  lineWithoutPrompt: [['{"text": "a"}']],
});

export default SAMPLES;
