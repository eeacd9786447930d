import type { Engine } from "../engine.ts";
import { tensorrtLessMemory } from "../messages.ts";

/** TensorRT-LLM. */
export const tensorrt: Engine = {
  worker: null,
  gpus: ({ tensorrt: section }) => ({ kind: "some", count: section?.tp_size ?? 1 }),
  dropped_variables: [],
  failures: {
    less_memory: tensorrtLessMemory(),
    explainsItself: () => false,
    options: {},
    gpu_memory_rules: [],
  },
};
