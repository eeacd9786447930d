import type { ExperimentConfig } from "../../experiment/config.ts";
import type { GpuUse } from "../engine.ts";
import { partsOf } from "../parts_of.ts";

/** The settings of TensorRT-LLM whose product is the number of its GPUs. Expert parallelism divides those of the tensors. */
const TENSORRT_SIZES = ["tp_size", "pipeline_parallel_size", "context_parallel_size"];

/** The GPUs of a run of backend tensorrt: one for each part of the model. Engine files must be built for as many. */
export function tensorrtGpus(config: ExperimentConfig): GpuUse {
  return { kind: "some", count: partsOf(config, "tensorrt", TENSORRT_SIZES) };
}
