import type { Run } from "../../experiment/run.ts";
import { gapBetween, type GapKind } from "../gaps.ts";
import type { Plan } from "../plan.ts";
import type { Chain } from "./chain.ts";

/** What follows a run on its boards. */
export interface After {
  /** The next run of its chain; null after the last, which a chain of another cycle follows as far as is known. */
  readonly next: Run | null;
  /** The gap before it; null where none is due. */
  readonly kind: GapKind | null;
}

export function gapAfter(
  { run, chain }: { readonly run: Run; readonly chain: Chain },
  { gaps, cycle_order: order }: Pick<Plan, "gaps" | "cycle_order">,
): After {
  const next = chain.runs[chain.runs.indexOf(run) + 1] ?? null;
  return { next, kind: gapBetween(run, next ?? { cycle: run.cycle + 1 }, { order, gaps }) };
}
