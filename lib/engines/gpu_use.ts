/**
 * lib/engines owns what an engine needs and does outside its worker. It starts nothing and knows no study.
 */
import type { ExperimentConfig } from "../experiment/config.ts";
import { findInterpreter } from "../python/interpreter.ts";
import { knownFacts } from "../python/probe.ts";
import { isCpuBuild } from "../python/python_facts.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Where runs are made. */
export interface GpuPlace {
  readonly env: Env;
  /** Absolute folder of the study file. */
  readonly base_dir: string;
  /** Whether this machine has a GPU that an engine could hold. */
  readonly has_gpu: boolean;
}

/** Whether a run holds a GPU, as far as is known: that of a worker of one's own only its author knows. */
export function gpuUse(config: ExperimentConfig, place: GpuPlace): "yes" | "no" | "unknown" {
  const { backend, llamacpp } = config;
  switch (backend) {
    case "pytorch":
      return place.has_gpu && !staysOnCpu(config, place) ? "yes" : "no";
    case "vllm":
    case "tensorrt":
      return "yes";
    case "llamacpp": {
      // The library inside the program knows no GPU.
      const library = llamacpp?.library_dir ?? place.env["LLEM_LLAMACPP_DIR"] ?? "";
      return library !== "" && llamacpp?.n_gpu_layers !== 0 ? "yes" : "no";
    }
    case "command":
    case "openai":
      return "unknown";
  }
}

/** True where the study keeps the model off every GPU, or its interpreter is known to have a torch that uses none. */
function staysOnCpu({ pytorch }: ExperimentConfig, { env, base_dir }: GpuPlace): boolean {
  if (pytorch?.device_map === "cpu") return true;
  const { path } = findInterpreter(pytorch?.python ?? null, { env, base_dir, cwd: Deno.cwd() });
  const facts = path === null ? null : knownFacts(path);
  return facts !== null && isCpuBuild(facts);
}
