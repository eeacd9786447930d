import type { Engine } from "../engine.ts";

/** TensorRT-LLM. */
export const tensorrt: Engine = {
  worker: null,
  gpus: ({ tensorrt: section }) => ({ kind: "some", count: section?.tp_size ?? 1 }),
  dropped_variables: [],
  failures: {
    less_memory: "lower tensorrt.max_batch_size or the prompt and output lengths, or use more GPUs (tp_size)",
    explainsItself: () => false,
    options: {},
    gpu_memory_rules: [],
  },
};
