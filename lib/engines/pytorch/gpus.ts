import type { ExperimentConfig } from "../../experiment/config.ts";
import type { GpuHost, GpuUse } from "../engine.ts";
import { hasCpuTorch } from "../python_gpus.ts";
import { PYTORCH_NEEDS } from "./needs.ts";

/** A device map that names one device: all others spread the model over the GPUs that are visible. */
const ONE_DEVICE = /^(cuda(:\d+)?|\d+)$/;

/** The GPUs of a run of backend pytorch: those that the device map names, else all that are visible. */
export function pytorchGpus(config: ExperimentConfig, host: GpuHost): GpuUse {
  const staysOnCpu = config.pytorch?.device_map === "cpu" || hasCpuTorch(config, PYTORCH_NEEDS, host);
  if (!host.has_gpu || staysOnCpu) return { kind: "none" };
  return { kind: "some", count: ONE_DEVICE.test(config.pytorch?.device_map ?? "auto") ? 1 : null };
}
