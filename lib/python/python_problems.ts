import type { ExperimentConfig } from "../experiment/config.ts";
import { installAdvice } from "./install_command.ts";
import { findInterpreter, type PythonSearch } from "./interpreter.ts";
import type { Probe } from "./known_facts.ts";
import { probePython } from "./probe.ts";
import { namedInterpreter, type PythonNeeds } from "./python_needs.ts";
import { missingModules, oldModules, shortfall } from "./shortfall.ts";

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
      unfound.add(notThere(engine, found.message));
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
  { backend, field, oldest }: PythonNeeds,
  path: string,
  probe: Probe,
  needed: readonly string[],
): string | null {
  if ("trouble" in probe) {
    return `backend ${backend}: ${path} is no Python that can be used: ${sentence(probe.trouble)} ` +
      `Name another one by ${field} or LLEM_PYTHON.`;
  }
  const { facts } = probe;
  const finding = shortfall(needed, facts, oldest);
  if (finding === null) return null;
  const { command, then_python } = installAdvice(path, needed, facts, oldest);
  const count = missingModules(needed, facts).length + oldModules(needed, facts, oldest).length;
  const them = count === 1 ? "it" : "them";
  return `backend ${backend}: ${path} ${finding}. ` +
    `Name another interpreter by ${field} or LLEM_PYTHON, or ` +
    (then_python === null
      ? `install ${them} with: ${command}`
      : `make an environment for LLEM_PYTHON=${then_python} with: ${command}`);
}

/** The sentence for an interpreter that cannot be found; `message` says where it was looked for. */
export function notThere({ backend, field }: PythonNeeds, message: string): string {
  return `backend ${backend}: ${sentence(message)} Name a Python interpreter by ${field} or LLEM_PYTHON.`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
