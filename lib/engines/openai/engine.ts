import type { Engine } from "../engine.ts";
import { lessMemory } from "../messages.ts";

/** Any server that speaks the OpenAI protocol: what it holds is its own affair. */
export const openai: Engine = {
  worker: null,
  gpus: () => ({ kind: "unknown" }),
  dropped_variables: [],
  failures: {
    less_memory: lessMemory(),
    explainsItself: () => false,
    options: {},
    gpu_memory_rules: [],
  },
};
