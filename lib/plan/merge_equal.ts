import type { Issue } from "../base/issue.ts";
import type { Experiment } from "./experiments.ts";
import { equalExperiments } from "./messages.ts";

/** Experiments that all differ, and what to tell about those that did not. */
export interface Distinct {
  readonly experiments: readonly Experiment[];
  readonly warnings: readonly Issue[];
}

/** Equal experiments are one: the first stays, and cycles are what repeats it. */
export function mergeEqual(experiments: readonly Experiment[]): Distinct {
  const byHash = new Map<string, Experiment>();
  const repeated: Experiment[] = [];
  for (const experiment of experiments) {
    if (byHash.has(experiment.hash)) repeated.push(experiment);
    else byHash.set(experiment.hash, experiment);
  }
  const [first] = repeated;
  if (first === undefined) return { experiments, warnings: [] };
  const text = equalExperiments(repeated.length, experiments.length);
  const warning = { ...first.location, path: "", ...text };
  return { experiments: [...byHash.values()], warnings: [warning] };
}
