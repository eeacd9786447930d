import type { ExperimentConfig } from "../../experiment/config.ts";
import { processorFlags } from "../../host/processor.ts";
import type { WorkPlace } from "../engine.ts";
import { vllmGpus } from "./gpus.ts";
import { compilesOnCpu, shareOfMachine, slowPrecision } from "./messages.ts";

const SLOW_PRECISION = "bf16";

/** What a user should know before runs of vLLM on CPUs: what takes the machine's memory, and what makes them slow. */
export function vllmAdvice(
  configs: readonly ExperimentConfig[],
  { env, base_dir }: WorkPlace,
  has_gpu: boolean,
  flags: ReadonlySet<string> = processorFlags(),
): string[] {
  const onCpus = configs.filter((config) => vllmGpus(config, { env, base_dir, has_gpu }).kind === "none");
  // Without AVX-512 there are no kernels for it: x86 has a name for that, other processors say nothing of it.
  const isSlow = flags.has("avx2") && !flags.has("avx512f") &&
    onCpus.some(({ precision }) => precision === SLOW_PRECISION);
  const shares = new Set(onCpus.map(({ vllm }) => vllm?.engine?.gpu_memory_utilization ?? 0));
  return [
    ...[...shares].filter((share) => share > 0).map(shareOfMachine),
    ...isSlow ? [slowPrecision(SLOW_PRECISION)] : [],
    ...onCpus.some(({ vllm }) => vllm?.engine?.enforce_eager !== true) ? [compilesOnCpu()] : [],
  ];
}
