import type { Run } from "../experiment/run.ts";
import { gapsBefore } from "./gaps.ts";
import type { Plan } from "./plan.ts";

/**
 * Further runs of a plan, numbered on from those that it has. The gap that the plan holds between its runs stands before each
 * of them.
 */
export function numberedOn(
  { gaps, execution, cycle_order: order }: Pick<Plan, "gaps" | "execution" | "cycle_order">,
  runs: readonly Run[],
  placed: readonly Pick<Run, "config" | "config_hash" | "cycle">[],
): Run[] {
  const last = runs.slice(-1);
  const between = gapsBefore([...last, ...placed], { order, gaps, execution, holdsGpu: () => true });
  return placed.map(({ config, config_hash, cycle }, index) => ({
    index: runs.length + index + 1,
    config_hash,
    cycle,
    config,
    gap_before: between[last.length + index] ?? null,
  }));
}
