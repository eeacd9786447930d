import type { Engine } from "../engine.ts";
import { engineVariables } from "../engine_variables.ts";
import { endHolder, gpuHeldBy, pytorchLessMemory } from "../messages.ts";
import { pythonWorker } from "../python_worker.ts";
import { pytorchGpus } from "./gpus.ts";
import { PYTORCH_NEEDS } from "./needs.ts";

/** Error types of its worker whose messages end with what to do. */
const SELF_EXPLAINED: ReadonlySet<string> = new Set([
  "adapter_not_found",
  "bad_dataset",
  "bad_model",
  "bad_setting",
  "broken_package",
  "compile_failed",
  "cuda_error",
  "device_unavailable",
  "invalid_numbers",
  "missing_package",
  "missing_program",
  "model_not_found",
  "no_prompts",
  "old_package",
  "out_of_memory",
  "remote_code",
  "unknown_backend",
  "unsupported_model",
  "unsupported_setting",
  "wrong_length",
]);

/** PyTorch with transformers, in the Python worker. */
export const pytorch: Engine = {
  worker: pythonWorker(PYTORCH_NEEDS, {
    // vLLM's image brings torch, transformers, accelerate and bitsandbytes in versions that were tried together.
    image: "vllm/vllm-openai:v0.11.0",
    passed_variables: engineVariables(),
  }),
  gpus: pytorchGpus,
  dropped_variables: [],
  failures: {
    less_memory: pytorchLessMemory(),
    explainsItself: ({ type }) => SELF_EXPLAINED.has(type),
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
