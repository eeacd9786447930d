import type { ExperimentConfig } from "../../experiment/config.ts";
import type { GpuUse } from "../engine.ts";

/** The GPUs of a run of backend tensorrt: one for each part of the model. Engine files must be built for as many. */
export function tensorrtGpus({ tensorrt: section }: ExperimentConfig): GpuUse {
  const { tp_size, pipeline_parallel_size } = section ?? {};
  return { kind: "some", count: (tp_size ?? 1) * (pipeline_parallel_size ?? 1) };
}
