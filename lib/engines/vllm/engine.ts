import { type Engine } from "../engine.ts";
import { engineVariables } from "../engine_variables.ts";
import { endHolder, gpuPartlyFree, noRoomForKvCache, smallerKvCache, vllmLessMemory } from "../messages.ts";
import { pythonWorker } from "../python_worker.ts";
import { vllmAdvice } from "./advice.ts";
import { vllmGpus } from "./gpus.ts";
import { VLLM_NEEDS } from "./needs.ts";

/** Error types of its worker whose messages end with what to do. */
const SELF_EXPLAINED: ReadonlySet<string> = new Set([
  "adapter_failed",
  "adapter_not_found",
  "bad_dataset",
  "bad_model",
  "bad_request",
  "bad_setting",
  "broken_package",
  "cuda_error",
  "gpu_busy",
  "kv_cache_too_small",
  "missing_package",
  "missing_program",
  "model_failed",
  "model_gated",
  "model_not_cached",
  "model_not_found",
  "no_prompts",
  "old_package",
  "out_of_memory",
  "prefix_cache_kept",
  "prefix_cached",
  "prompt_too_long",
  "remote_code",
  "request_failed",
  "tokenizer_missing",
  "too_few_gpus",
  "unknown_backend",
  "unsupported_model",
  "unsupported_setting",
  "wrong_length",
  "wrong_prompt",
]);

/** vLLM, in the Python worker. */
export const vllm: Engine = {
  worker: {
    ...pythonWorker(VLLM_NEEDS, {
      // The release that the worker is tested with. It was built for CUDA 13, as all are from 0.20 on.
      image: "vllm/vllm-openai:v0.32.0",
      passed_variables: engineVariables("VLLM"),
    }),
    advice: vllmAdvice,
  },
  gpus: vllmGpus,
  dropped_variables: [],
  failures: {
    less_memory: vllmLessMemory(),
    explainsItself: ({ type }) => SELF_EXPLAINED.has(type),
    options: { remote_code: "vllm.engine.trust_remote_code" },
    gpu_memory_rules: [
      {
        pattern:
          /Free memory on device (?:\S+ )?\((\S+)\/(\S+) GiB\) on startup is less than desired GPU memory utilization/,
        explain: ([, free = "", total = ""]) => ({
          cause: gpuPartlyFree(free, total),
          remedy: endHolder("vllm.engine.gpu_memory_utilization"),
        }),
      },
      {
        pattern:
          /larger than (?:the available KV cache memory|the maximum number of tokens that can be stored in KV cache)|No available memory for the cache blocks/,
        explain: () => ({ cause: noRoomForKvCache(), remedy: smallerKvCache() }),
      },
    ],
  },
};
