import { sharedServer } from "../experiment/own_server.ts";
import type { Run } from "../experiment/run.ts";
import { type Cycles, groupsOf, orderGroups } from "./cycle_order.ts";
import type { Plan } from "./plan.ts";

/**
 * The runs of the first cycle, one for each experiment, in the order in which the study file gives the experiments: the
 * grid's with the last key changing fastest, then the listed ones; those that share a server stand where the first of them
 * does. What the runs were put in order by is known, so it is undone; a plan whose runs are in some other order keeps theirs.
 */
export function inStudyOrder(
  { runs, cycle_order, seed }: Pick<Plan, "runs" | "cycle_order" | "seed">,
): readonly Run[] {
  const firsts = [...firstRuns(runs)];
  const places = orderGroups(studyGroups(firsts, cycle_order, seed ?? 0), firstCycle(cycle_order, seed ?? 0));
  const ordered: Run[] = [];
  places.forEach(({ item }, index) => {
    const run = firsts[index];
    if (run !== undefined) ordered[item] = run;
  });
  return ordered;
}

/** The places of a study's experiments, grouped as they ran: how large each group is, the runs show. */
function studyGroups(firsts: readonly Run[], order: Cycles["order"], seed: number): number[][] {
  const ran = groupsOf(firsts, ({ config }) => sharedServer(config));
  const sizes: number[] = [];
  // Groups are put in order before what is in them, so by the same draws as if each were one run.
  orderGroups(ran.map((_, index) => [index]), firstCycle(order, seed)).forEach(({ item }, index) => {
    sizes[item] = ran[index]?.length ?? 0;
  });
  let next = 0;
  return sizes.map((size) => Array.from({ length: size }, () => next++));
}

function firstCycle(order: Cycles["order"], seed: number): Cycles {
  return { order, count: 1, seed };
}

/** The first run of each experiment, in run order. */
function firstRuns(runs: readonly Run[]): Iterable<Run> {
  const firsts = new Map<string, Run>();
  for (const run of runs) if (!firsts.has(run.config_hash)) firsts.set(run.config_hash, run);
  return firsts.values();
}
