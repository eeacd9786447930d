import type { Engine } from "../engine.ts";

/** Any server that speaks the OpenAI protocol: what it holds is its own affair. */
export const openai: Engine = {
  worker: null,
  gpus: () => ({ kind: "unknown" }),
  dropped_variables: [],
  failures: {
    less_memory: "use a smaller model, batch or context, or a device with more memory",
    explainsItself: () => false,
    options: {},
    gpu_memory_rules: [],
  },
};
