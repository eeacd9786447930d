import type { ExperimentConfig } from "../../experiment/config.ts";
import { findInterpreter } from "../../python/interpreter.ts";
import { knownFacts } from "../../python/known_facts.ts";
import { isCpuBuild } from "../../python/python_facts.ts";
import { namedInterpreter } from "../../python/python_needs.ts";
import type { GpuHost, GpuUse } from "../engine.ts";
import { PYTORCH_NEEDS } from "./needs.ts";

/** A device map that names one device: all others spread the model over the GPUs that are visible. */
const ONE_DEVICE = /^(cuda(:\d+)?|\d+)$/;

/** The GPUs of a run of backend pytorch: those that the device map names, else all that are visible. */
export function pytorchGpus(config: ExperimentConfig, host: GpuHost): GpuUse {
  if (!host.has_gpu || staysOnCpu(config, host)) return { kind: "none" };
  return { kind: "some", count: ONE_DEVICE.test(config.pytorch?.device_map ?? "auto") ? 1 : null };
}

/** True where the study keeps the model off every GPU, or its interpreter is known to have a torch that uses none. */
function staysOnCpu(config: ExperimentConfig, { env, base_dir }: GpuHost): boolean {
  if (config.pytorch?.device_map === "cpu") return true;
  const { field } = PYTORCH_NEEDS;
  const { path } = findInterpreter(namedInterpreter(config, field), field, {
    env,
    base_dir,
    cwd: Deno.cwd(),
  });
  const facts = path === null ? null : knownFacts(path);
  return facts !== null && isCpuBuild(facts);
}
