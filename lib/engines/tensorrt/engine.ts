import type { Engine } from "../engine.ts";
import { engineVariables } from "../engine_variables.ts";
import { mpiHangs, mpiRemedy, tensorrtLessMemory } from "../messages.ts";
import { pythonWorker } from "../python_worker.ts";
import { tensorrtGpus } from "./gpus.ts";
import { TENSORRT_NEEDS } from "./needs.ts";

/** Error types of its worker whose messages end with what to do. */
const SELF_EXPLAINED: ReadonlySet<string> = new Set([
  "bad_dataset",
  "bad_engine",
  "bad_setting",
  "broken_package",
  "cuda_error",
  "cuda_oom",
  "engine_not_found",
  "engine_process_failed",
  "missing_library",
  "missing_package",
  "model_not_found",
  "mpi_failed",
  "no_prompts",
  "old_package",
  "out_of_memory",
  "prefix_cached",
  "prompt_too_long",
  "remote_code",
  "too_few_gpus",
  "unknown_backend",
  "unsupported_model",
  "unsupported_setting",
  "wrong_length",
]);

/** TensorRT-LLM, in the Python worker. */
export const tensorrt: Engine = {
  worker: pythonWorker(TENSORRT_NEEDS, {
    image: "nvcr.io/nvidia/tensorrt-llm/release:1.2.1",
    passed_variables: engineVariables("TLLM", "TRTLLM"),
  }),
  gpus: tensorrtGpus,
  dropped_variables: [],
  failures: {
    less_memory: tensorrtLessMemory(),
    explainsItself: ({ type }) => SELF_EXPLAINED.has(type),
    options: { remote_code: "tensorrt.trust_remote_code", attention: "tensorrt.attn_backend" },
    gpu_memory_rules: [],
    stalling_rules: [
      {
        // The last that the engine says before it waits for Open MPI.
        pattern: /Initializing MPI with thread mode[^\n]*\s*$/,
        explain: () => ({ cause: mpiHangs(), remedy: mpiRemedy() }),
      },
    ],
  },
};
