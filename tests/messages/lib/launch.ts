import * as messages from "../../../lib/launch/messages.ts";
import { type SampledMessages, samplesOf } from "../samples.ts";

const SAMPLES: SampledMessages = samplesOf(messages, {
  noWorkerForBackend: [["vllm", "pytorch, llamacpp or command"]],
  studyFolderGone: [["/home/me/study"]],
  variableMissing: [["API_TOKEN", "command.env_from"]],
});

export default SAMPLES;
