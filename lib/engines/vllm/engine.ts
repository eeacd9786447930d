import { type Engine } from "../engine.ts";
import { endHolder, gpuPartlyFree, noRoomForKvCache, smallerKvCache, vllmLessMemory } from "../messages.ts";

/** vLLM. */
export const vllm: Engine = {
  worker: null,
  gpus: ({ vllm: section }) => {
    const { tensor_parallel_size, pipeline_parallel_size } = section?.engine ?? {};
    return { kind: "some", count: (tensor_parallel_size ?? 1) * (pipeline_parallel_size ?? 1) };
  },
  dropped_variables: [],
  failures: {
    less_memory: vllmLessMemory(),
    explainsItself: () => false,
    options: {},
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
