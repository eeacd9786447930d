import type { Engine } from "../engine.ts";
import { engineVariables } from "../engine_variables.ts";
import { mpiHangs, mpiRemedy, tensorrtLessMemory } from "../messages.ts";
import { explainedByWorker } from "../python_errors.ts";
import { pythonWorker } from "../python_worker.ts";
import { tensorrtGpus } from "./gpus.ts";
import { tensorrtSlot } from "./slot.ts";
import { TENSORRT_NEEDS } from "./needs.ts";

/** Error types of its own whose messages end with what to do. */
const explainsItself = explainedByWorker([
  "bad_engine",
  "cuda_oom",
  "engine_not_found",
  "engine_process_failed",
  "missing_library",
  "mpi_failed",
  "prefix_cached",
  "prompt_too_long",
  "too_few_gpus",
]);

/** TensorRT-LLM, in the Python worker. */
export const tensorrt: Engine = {
  worker: pythonWorker(TENSORRT_NEEDS, {
    image: "nvcr.io/nvidia/tensorrt-llm/release:1.2.1",
    passed_variables: engineVariables("TLLM", "TRTLLM"),
  }),
  gpus: tensorrtGpus,
  waitsForGate: () => true,
  dropped_variables: [],
  slot_variables: (_, slot) => tensorrtSlot(slot),
  failures: {
    less_memory: tensorrtLessMemory(),
    explainsItself,
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
