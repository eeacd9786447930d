import type { Run } from "../experiment/run.ts";
import { orderRuns } from "./cycle_order.ts";
import type { Plan } from "./plan.ts";

/**
 * The runs of the first cycle, one for each experiment, in the order in which the study file gives the experiments: the
 * grid's with the last key changing fastest, then the listed ones. What the runs were put in order by is known, so it is
 * undone; a plan whose runs are in some other order keeps theirs.
 */
export function inStudyOrder(
  { runs, cycle_order, seed }: Pick<Plan, "runs" | "cycle_order" | "seed">,
): readonly Run[] {
  const firsts = [...firstRuns(runs)];
  const places = orderRuns([...firsts.keys()], { order: cycle_order, count: 1, seed: seed ?? 0 });
  const ordered: Run[] = [];
  places.forEach(({ item }, index) => {
    const run = firsts[index];
    if (run !== undefined) ordered[item] = run;
  });
  return ordered;
}

/** The first run of each experiment, in run order. */
function firstRuns(runs: readonly Run[]): Iterable<Run> {
  const firsts = new Map<string, Run>();
  for (const run of runs) if (!firsts.has(run.config_hash)) firsts.set(run.config_hash, run);
  return firsts.values();
}
