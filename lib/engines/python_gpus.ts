import type { ExperimentConfig } from "../experiment/config.ts";
import { findInterpreter } from "../python/interpreter.ts";
import { knownFacts } from "../python/known_facts.ts";
import { isCpuBuild } from "../python/python_facts.ts";
import { namedInterpreter, type PythonNeeds } from "../python/python_needs.ts";
import type { GpuHost } from "./engine.ts";

/** True where the interpreter of a run is known to have a torch that uses no GPU. */
export function hasCpuTorch(
  config: ExperimentConfig,
  { field }: PythonNeeds,
  { env, base_dir }: GpuHost,
): boolean {
  const { path } = findInterpreter(namedInterpreter(config, field), field, {
    env,
    base_dir,
    cwd: Deno.cwd(),
  });
  const facts = path === null ? null : knownFacts(path);
  return facts !== null && isCpuBuild(facts);
}
