import type { ExperimentConfig } from "../../experiment/config.ts";
import type { GpuHost, GpuUse } from "../engine.ts";
import { hasCpuTorch } from "../python_gpus.ts";
import { VLLM_NEEDS } from "./needs.ts";

/** The GPUs of a run of backend vllm: one for each part of the model. Its build for CPUs comes with a torch for CPUs. */
export function vllmGpus(config: ExperimentConfig, host: GpuHost): GpuUse {
  if (!host.has_gpu || hasCpuTorch(config, VLLM_NEEDS, host)) return { kind: "none" };
  const { tensor_parallel_size, pipeline_parallel_size } = config.vllm?.engine ?? {};
  return { kind: "some", count: (tensor_parallel_size ?? 1) * (pipeline_parallel_size ?? 1) };
}
