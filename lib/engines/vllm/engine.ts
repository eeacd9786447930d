import { type Engine } from "../engine.ts";
import { END_HOLDER } from "../failure_rule.ts";

/** vLLM. */
export const vllm: Engine = {
  worker: null,
  gpus: ({ vllm: section }) => {
    const { tensor_parallel_size, pipeline_parallel_size } = section?.engine ?? {};
    return { kind: "some", count: (tensor_parallel_size ?? 1) * (pipeline_parallel_size ?? 1) };
  },
  dropped_variables: [],
  failures: {
    less_memory:
      "lower vllm.engine.max_model_len, max_num_seqs or gpu_memory_utilization, or share the model " +
      "among more GPUs (tensor_parallel_size)",
    explainsItself: () => false,
    options: {},
    gpu_memory_rules: [
      {
        pattern:
          /Free memory on device (?:\S+ )?\((\S+)\/(\S+) GiB\) on startup is less than desired GPU memory utilization/,
        explain: ([, free, total]) => ({
          cause:
            `Only ${free} of the GPU's ${total} GiB are free: another process, perhaps one left over, holds the rest.`,
          remedy: `${END_HOLDER} Or lower vllm.engine.gpu_memory_utilization.`,
        }),
      },
      {
        pattern:
          /larger than (?:the available KV cache memory|the maximum number of tokens that can be stored in KV cache)|No available memory for the cache blocks/,
        explain: () => ({
          cause: "The GPU has no room for the KV cache of one sequence beside the weights.",
          remedy: "Lower vllm.engine.max_model_len, or raise gpu_memory_utilization or tensor_parallel_size.",
        }),
      },
    ],
  },
};
