import type { ExperimentConfig } from "../experiment/config.ts";
import { installAdvice } from "./install_command.ts";
import { findInterpreter, type PythonPlace } from "./interpreter.ts";
import { type Probe, probePython } from "./probe.ts";
import { requiredModules } from "./requirements.ts";
import { missingModules, oldModules, shortfall } from "./shortfall.ts";

/** What is asked, and where. */
export interface PythonQuestion extends PythonPlace {
  readonly env: Readonly<Record<string, string>>;
  /** Ends the wait for an interpreter that is slow to answer. */
  readonly signal?: AbortSignal;
}

/**
 * What keeps the interpreters of these experiments, all of backend pytorch and run on this machine, from running them:
 * one sentence for each interpreter, with the command that mends it.
 */
export async function pythonProblems(
  configs: readonly ExperimentConfig[],
  question: PythonQuestion,
): Promise<string[]> {
  const needs = new Map<string, Set<string>>();
  const unfound = new Set<string>();
  for (const [named, alike] of Map.groupBy(configs, ({ pytorch }) => pytorch?.python ?? null)) {
    const found = findInterpreter(named, question);
    if (found.path === null) {
      unfound.add(notThere(found.message));
      continue;
    }
    const modules = needs.get(found.path) ?? new Set();
    for (const config of alike) for (const module of requiredModules(config)) modules.add(module);
    needs.set(found.path, modules);
  }
  const problems = await Promise.all(
    [...needs].map(([path, modules]) => problemOf(path, [...modules], question)),
  );
  return [...unfound, ...problems.filter((problem) => problem !== null)];
}

async function problemOf(
  path: string,
  needed: readonly string[],
  question: PythonQuestion,
): Promise<string | null> {
  const probe = await probePython(path, question);
  // A user who stops the study does not want to hear that the question was called off.
  return question.signal?.aborted === true ? null : pythonProblem(path, probe, needed);
}

/** Why runs that need these modules cannot be made by an interpreter, with the command that mends it; null where they can. */
export function pythonProblem(path: string, probe: Probe, needed: readonly string[]): string | null {
  if ("trouble" in probe) {
    return `backend pytorch: ${path} is no Python that can be used: ${sentence(probe.trouble)} ` +
      "Name another one by pytorch.python or LLEM_PYTHON.";
  }
  const finding = shortfall(needed, probe.facts);
  if (finding === null) return null;
  const { command, then_python } = installAdvice(path, needed, probe.facts);
  const count = missingModules(needed, probe.facts).length + oldModules(needed, probe.facts).length;
  const them = count === 1 ? "it" : "them";
  return `backend pytorch: ${path} ${finding}. ` +
    "Name another interpreter by pytorch.python or LLEM_PYTHON, or " +
    (then_python === null
      ? `install ${them} with: ${command}`
      : `make an environment for LLEM_PYTHON=${then_python} with: ${command}`);
}

function notThere(message: string): string {
  return `backend pytorch: ${sentence(message)} Name a Python interpreter by pytorch.python or LLEM_PYTHON.`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
