import { ENGINES } from "../../engines/engines.ts";
import { isLocal } from "../../launch/docker/preflight.ts";
import type { Plan } from "../../plan/plan.ts";
import { findInterpreter } from "../../python/interpreter.ts";
import { knownFacts } from "../../python/known_facts.ts";
import { namedInterpreter } from "../../python/python_needs.ts";
import { distinctConfigs } from "../../results/varied.ts";

/**
 * The versions of the engines that runs of a plan are made with on this machine, by their names, as far as their interpreters
 * have been asked. Those in containers are told by their images.
 */
export function engineVersions(
  plan: Plan,
  { env, base_dir }: { readonly env: Readonly<Record<string, string>>; readonly base_dir: string },
): Record<string, string> {
  const found = new Map<string, Set<string>>();
  for (const config of distinctConfigs(plan.runs)) {
    const { worker } = ENGINES[config.backend];
    if (worker?.kind !== "python" || !isLocal(config, plan)) continue;
    const { field, modules } = worker.python;
    const { path } = findInterpreter(namedInterpreter(config, field), field, {
      env,
      base_dir,
      cwd: Deno.cwd(),
    });
    const packages = path === null ? {} : knownFacts(path)?.packages ?? {};
    for (const module of modules) {
      const version = packages[module] ?? null;
      if (version !== null) found.set(module, (found.get(module) ?? new Set()).add(version));
    }
  }
  return Object.fromEntries(
    [...found].map(([module, versions]) => [module, [...versions].sort().join(", ")]),
  );
}
