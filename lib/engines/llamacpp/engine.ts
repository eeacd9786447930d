import type { Engine } from "../engine.ts";
import { namedLibrary } from "./named_library.ts";
import { llamacppAdvice, llamacppObstacles, tryLlamacpp } from "./obstacles.ts";
import { llamacppLessMemory, runItselfLocally } from "../messages.ts";

/** Error types of its worker whose messages end with what to do. */
const SELF_EXPLAINED: ReadonlySet<string> = new Set([
  "bad_dataset",
  "bad_setting",
  "context_full",
  "context_too_large",
  "gpu_unavailable",
  "library_mismatch",
  "library_missing",
  "model_corrupt",
  "model_unsupported",
  "no_prompts",
  "not_gguf",
  "out_of_memory",
  "unknown_backend",
]);

/** The embedded llama.cpp: this program is its worker. */
export const llamacpp: Engine = {
  worker: {
    kind: "this_program",
    instead_of_container: runItselfLocally("llamacpp"),
    launch: ({ env, run_dir, self: { program, args } }) => ({
      kind: "process",
      spec: {
        program,
        args: [...args, "__worker"],
        cwd: run_dir,
        // A failed assertion would otherwise start a debugger on the worker.
        env: { ...env, GGML_NO_BACKTRACE: "1" },
      },
    }),
    check: async (env, results) => (await import("./check.ts")).checkLlamacpp(env, results),
    obstacles: (configs, place) => llamacppObstacles(configs, place, false),
    tryOut: tryLlamacpp,
    advice: llamacppAdvice,
  },
  gpus: (config, { env }) => {
    const { llamacpp: section } = config;
    // The library inside the program knows no GPU.
    if (namedLibrary(config, env) === "" || section?.n_gpu_layers === 0) return { kind: "none" };
    return { kind: "some", count: section?.split_mode === "none" ? 1 : null };
  },
  waitsForGate: () => true,
  dropped_variables: ["GGML_BACKEND_PATH"],
  failures: {
    less_memory: llamacppLessMemory(),
    explainsItself: ({ type, message }) =>
      SELF_EXPLAINED.has(type) || type === "model_not_found" && /Name a GGUF file/.test(message),
    options: {},
    gpu_memory_rules: [],
  },
};
