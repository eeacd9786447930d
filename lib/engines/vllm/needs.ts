import type { PythonNeeds } from "../../python/python_needs.ts";

/** What every run needs. */
const MODULES: readonly string[] = ["vllm", "torch", "transformers"];

/** What runs of backend vllm ask of their interpreter. */
export const VLLM_NEEDS: PythonNeeds = {
  backend: "vllm",
  field: "vllm.python",
  modules: MODULES,
  modulesOf: () => MODULES,
  optional: [],
  // The worker's releases.py has the same, and the reasons.
  oldest: { vllm: "0.11.2" },
};
