import type { ExperimentConfig } from "../experiment/config.ts";
import { surelyMissing } from "../python/installed_files.ts";
import { findInterpreter, type PythonSearch } from "../python/interpreter.ts";
import { knownFacts } from "../python/known_facts.ts";
import { packagesNotFound } from "./messages.ts";
import { namedInterpreter, type PythonNeeds } from "../python/python_needs.ts";
import { pythonNotThere } from "../python/messages.ts";
import { pythonProblem } from "../python/python_problems.ts";

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
