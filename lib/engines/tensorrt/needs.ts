import { hasNvidiaNode } from "../../base/gpu_nodes.ts";
import type { PythonNeeds } from "../../python/python_needs.ts";
import { tensorrtNeedsGpu } from "../messages.ts";

/** What every run needs; torch and transformers come with it, in the releases that it was built for. */
const MODULES: readonly string[] = ["tensorrt_llm"];

/** What runs of backend tensorrt ask of their interpreter. */
export const TENSORRT_NEEDS: PythonNeeds = {
  backend: "tensorrt",
  field: "tensorrt.python",
  modules: MODULES,
  modulesOf: () => MODULES,
  optional: [],
  // The worker's releases.py has the same, and the reasons.
  oldest: { tensorrt_llm: "1.0" },
  lackingHardware: () => hasNvidiaNode() ? null : tensorrtNeedsGpu(),
};
