import type { ExperimentConfig } from "../../experiment/config.ts";
import type { GpuHost, GpuUse } from "../engine.ts";
import { hasCpuTorch } from "../python_gpus.ts";
import { partsOf } from "../parts_of.ts";
import { VLLM_NEEDS } from "./needs.ts";

/** The settings of vLLM whose product is the number of its GPUs. */
const VLLM_SIZES = ["tensor_parallel_size", "pipeline_parallel_size", "data_parallel_size"];

/** The GPUs of a run of backend vllm: one for each part of the model and each copy of it. Its build for CPUs comes with a torch for CPUs. */
export function vllmGpus(config: ExperimentConfig, host: GpuHost): GpuUse {
  if (!host.has_gpu || hasCpuTorch(config, VLLM_NEEDS, host)) return { kind: "none" };
  return { kind: "some", count: partsOf(config, "vllm.engine", VLLM_SIZES) };
}
