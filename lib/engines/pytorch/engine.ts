import type { Engine } from "../engine.ts";
import { engineVariables } from "../engine_variables.ts";
import { endHolder, gpuHeldBy, pytorchLessMemory } from "../messages.ts";
import { explainedByWorker } from "../python_errors.ts";
import { pythonWorker } from "../python_worker.ts";
import { pytorchGpus } from "./gpus.ts";
import { compileCaches, meetingPort } from "../slot_variables.ts";
import { PYTORCH_NEEDS } from "./needs.ts";

/** Error types of its own whose messages end with what to do. */
const explainsItself = explainedByWorker([
  "compile_failed",
  "device_unavailable",
  "invalid_numbers",
  "missing_program",
]);

/** PyTorch with transformers, in the Python worker. */
export const pytorch: Engine = {
  worker: pythonWorker(PYTORCH_NEEDS, {
    // vLLM's image brings torch, transformers, accelerate and bitsandbytes in versions that were tried together.
    image: "vllm/vllm-openai:v0.11.0",
    passed_variables: engineVariables(),
  }),
  gpus: pytorchGpus,
  waitsForGate: () => true,
  dropped_variables: [],
  slot_variables: (_, slot) => ({ ours: meetingPort(slot), defaults: compileCaches(slot) }),
  failures: {
    less_memory: pytorchLessMemory(),
    explainsItself,
    options: { remote_code: "pytorch.trust_remote_code", attention: "pytorch.attn_implementation" },
    gpu_memory_rules: [
      {
        // torch names the other processes where it can see them. Below 1 GiB that is a desktop and not the cause.
        pattern: /CUDA out of memory.*? Process (\d+) has (\d[\d.]* GiB) memory in use/,
        explain: ([, pid = "", size = ""]) => ({ cause: gpuHeldBy(pid, size), remedy: endHolder(null) }),
      },
    ],
  },
};
