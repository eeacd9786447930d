import type { ExperimentConfig } from "../experiment/config.ts";
import { surelyMissing } from "../python/installed_files.ts";
import { findInterpreter, type PythonSearch } from "../python/interpreter.ts";
import { knownFacts } from "../python/known_facts.ts";
import { packagesNotFound } from "./messages.ts";
import { namedInterpreter, type PythonNeeds } from "../python/python_needs.ts";
import { pythonNotThere } from "../python/messages.ts";
import { pythonProblem, pythonProblems, type PythonQuestion } from "../python/python_problems.ts";

/**
 * What keeps the interpreters of these experiments, all of one engine, from running them, as far as files tell: one sentence
 * for each interpreter. Starts nothing; an interpreter that was asked before is judged by its answer.
 */
export function pythonObstacles(
  engine: PythonNeeds,
  configs: readonly ExperimentConfig[],
  search: PythonSearch,
): string[] {
  const groups = Map.groupBy(configs, (config) => namedInterpreter(config, engine.field));
  return [...groups].flatMap(([named, alike]) => {
    const found = findInterpreter(named, engine.field, search);
    if (found.path === null) return [pythonNotThere(engine.backend, found.message, engine.field)];
    const modules = [...new Set(alike.flatMap((config) => engine.modulesOf(config)))];
    const facts = knownFacts(found.path);
    if (facts !== null) return pythonProblem(engine, found.path, { facts }, modules) ?? [];
    const missing = surelyMissing(found.path, modules, search.env);
    return missing.length === 0 ? [] : [packagesNotFound(engine.backend, found.path, missing)];
  });
}

/**
 * The same, after the interpreter of this environment (LLEM_PYTHON, a virtual environment, python3 of PATH) was asked where
 * files leave open what it has. One that a study names is never started: that study may be a stranger's.
 */
export async function foreseenPythonProblems(
  engine: PythonNeeds,
  configs: readonly ExperimentConfig[],
  question: PythonQuestion,
): Promise<string[]> {
  const obstacles = pythonObstacles(engine, configs, question);
  const unnamed = configs.filter((config) => namedInterpreter(config, engine.field) === null);
  if (unnamed.length === 0 || pythonObstacles(engine, unnamed, question).length > 0) return obstacles;
  const problems = await pythonProblems(engine, unnamed, question);
  return [...new Set([...obstacles, ...problems])];
}
