import { type Engine } from "../engine.ts";
import { engineVariables } from "../engine_variables.ts";
import { endHolder, gpuPartlyFree, noRoomForKvCache, smallerKvCache, vllmLessMemory } from "../messages.ts";
import { explainedByWorker } from "../python_errors.ts";
import { pythonWorker } from "../python_worker.ts";
import { vllmAdvice } from "./advice.ts";
import { vllmGpus } from "./gpus.ts";
import { vllmSlot } from "./slot.ts";
import { VLLM_NEEDS } from "./needs.ts";

/** Error types of its own whose messages end with what to do. */
const explainsItself = explainedByWorker([
  "adapter_failed",
  "bad_request",
  "gpu_busy",
  "kv_cache_too_small",
  "model_failed",
  "model_gated",
  "model_not_cached",
  "prefix_cache_kept",
  "prefix_cached",
  "prompt_too_long",
  "request_failed",
  "tokenizer_missing",
  "too_few_gpus",
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
  waitsForGate: () => true,
  dropped_variables: [],
  slot_variables: (_, slot) => vllmSlot(slot),
  failures: {
    less_memory: vllmLessMemory(),
    explainsItself,
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
