import * as messages from "../../../../lib/report/failure_rules/messages.ts";
import { type SampledMessages, samplesOf } from "../../samples.ts";

const SMALLER = "lower pytorch.batch_size or the prompt and output lengths";

const SAMPLES: SampledMessages = samplesOf(messages, {
  gpuMemoryFull: [[SMALLER]],
  killedForMemory: [[SMALLER]],
  hostMemoryFull: [[SMALLER]],
  someMemoryFull: [[SMALLER]],
  sharedMemoryFull: [[]],
  noSuchModel: [["llamacpp and pytorch"]],
  modelBringsCode: [["pytorch.trust_remote_code or vllm.engine.trust_remote_code"]],
  unknownArchitecture: [["qwen9"], [null]],
  gpuTooOld: [["pytorch.attn_implementation"]],
  systemLibraryTooOld: [["GLIBC_2.38"]],
  libraryMissing: [["libcudart.so.12"]],
  moduleMissing: [["vllm"]],
  packageMissing: [["bitsandbytes"]],
  commandMissing: [["nvcc"]],
  permissionDenied: [["/data/model"], [null]],
  pathMissing: [["/models/x"], [null]],
});

export default SAMPLES;
