import type { ExperimentConfig } from "../experiment/config.ts";
import { installAdvice } from "./install_command.ts";
import { findInterpreter, type PythonSearch } from "./interpreter.ts";
import type { Probe } from "./known_facts.ts";
import { probePython } from "./probe.ts";
import { namedInterpreter, type PythonNeeds } from "./python_needs.ts";
import { missingModules, oldModules, shortfall } from "./shortfall.ts";
import { pythonLacks, pythonNotThere, pythonNotUsable } from "./messages.ts";

/** What is asked, and where. */
export interface PythonQuestion extends PythonSearch {
  readonly env: Readonly<Record<string, string>>;
  /** Ends the wait for an interpreter that is slow to answer. */
  readonly signal?: AbortSignal;
}

/**
 * What keeps the interpreters of these experiments, all of one engine and run on this machine, from running them: one
 * sentence for each interpreter, with the command that mends it.
 */
export async function pythonProblems(
  engine: PythonNeeds,
  configs: readonly ExperimentConfig[],
  question: PythonQuestion,
): Promise<string[]> {
  const needs = new Map<string, Set<string>>();
  const unfound = new Set<string>();
  const { field } = engine;
  for (const [named, alike] of Map.groupBy(configs, (config) => namedInterpreter(config, field))) {
    const found = findInterpreter(named, field, question);
    if (found.path === null) {
      unfound.add(pythonNotThere(engine.backend, found.message, field));
      continue;
    }
    const modules = needs.get(found.path) ?? new Set();
    for (const config of alike) for (const module of engine.modulesOf(config)) modules.add(module);
    needs.set(found.path, modules);
  }
  const problems = await Promise.all(
    [...needs].map(([path, modules]) => problemOf(engine, path, [...modules], question)),
  );
  return [...unfound, ...problems.filter((problem) => problem !== null)];
}

async function problemOf(
  engine: PythonNeeds,
  path: string,
  needed: readonly string[],
  question: PythonQuestion,
): Promise<string | null> {
  const probe = await probePython(path, question);
  // A user who stops the study does not want to hear that the question was called off.
  return question.signal?.aborted === true ? null : pythonProblem(engine, path, probe, needed);
}

/** Why runs that need these modules cannot be made by an interpreter, with the command that mends it; null where they can. */
export function pythonProblem(
  needs: PythonNeeds,
  path: string,
  probe: Probe,
  needed: readonly string[],
): string | null {
  const { backend, field, oldest, lackingHardware = () => null } = needs;
  if ("trouble" in probe) {
    return pythonNotUsable(backend, path, probe.trouble, field);
  }
  const { facts } = probe;
  const lacks = shortfall(needed, facts, oldest);
  if (lacks === null) return null;
  const { command, then_python } = installAdvice(path, needed, facts, needs);
  const count = missingModules(needed, facts).length + oldModules(needed, facts, oldest).length;
  return pythonLacks(
    { backend, python: path, field, shortfall: lacks },
    { command, thenPython: then_python, count, lackingHardware: lackingHardware() },
  );
}
