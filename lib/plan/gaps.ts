import type { Run } from "../experiment/run.ts";
import type { CycleOrder, Execution } from "../study/execution.ts";
import { hasCycleBoundaries } from "./cycle_order.ts";
import type { Gaps } from "./plan.ts";

/** The gaps of a study: what it gives, else what the machine says. */
export function gapsOf(execution: Execution, otherwise: Gaps): Gaps {
  return {
    experiment_s: execution.experiment_gap_seconds ?? otherwise.experiment_s,
    cycle_s: execution.cycle_gap_seconds ?? otherwise.cycle_s,
  };
}

/** The gap between two runs that follow each other: the cycle gap where a cycle begins, in place of the other one. */
export function gapBetween(
  { cycle: before }: Pick<Run, "cycle">,
  { cycle: after }: Pick<Run, "cycle">,
  { order, gaps }: { readonly order: CycleOrder; readonly gaps: Gaps },
): Run["gap_before"] {
  if (hasCycleBoundaries(order) && before !== after) return gaps.cycle_s > 0 ? "cycle" : null;
  return gaps.experiment_s > 0 ? "experiment" : null;
}
