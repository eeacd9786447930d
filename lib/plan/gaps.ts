import type { ExperimentConfig } from "../experiment/config.ts";
import type { Run } from "../experiment/run.ts";
import type { CycleOrder, Execution } from "../study/execution.ts";
import { hasCycleBoundaries } from "./cycle_order.ts";
import type { Gaps } from "./plan.ts";

export type GapKind = NonNullable<Run["gap_before"]>;

/** The gaps that a study or the user's configuration gives itself; null is left to the machine. */
type GivenGaps = Pick<Execution, "experiment_gap_seconds" | "cycle_gap_seconds">;

/** The gaps of a study: what it gives, else what the machine says. */
export function gapsOf(execution: GivenGaps, otherwise: Gaps): Gaps {
  return {
    experiment_s: execution.experiment_gap_seconds ?? otherwise.experiment_s,
    cycle_s: execution.cycle_gap_seconds ?? otherwise.cycle_s,
  };
}

/** True where the study gives that gap, so that it is kept between all runs, whatever they use. */
export function isGiven(kind: GapKind, execution: GivenGaps): boolean {
  return (kind === "cycle" ? execution.cycle_gap_seconds : execution.experiment_gap_seconds) !== null;
}

/** What decides about the gaps of a plan. */
export interface GapRules {
  readonly order: CycleOrder;
  readonly gaps: Gaps;
  readonly execution: GivenGaps;
  /** False where a configuration is known to use no GPU. */
  readonly holdsGpu: (config: ExperimentConfig) => boolean;
}

type PlacedRun = Pick<Run, "cycle" | "config">;

/**
 * The gap before each run. A gap that the study gives stands between any two runs that follow each other. One that the
 * machine adds lets GPUs cool: it stands before a run that holds a GPU, where a run since the last gap held one as well.
 */
export function gapsBefore(runs: readonly PlacedRun[], rules: GapRules): Run["gap_before"][] {
  const { execution, gaps, holdsGpu } = rules;
  if (gaps.experiment_s === 0 && gaps.cycle_s === 0) return runs.map(() => null);
  /** The last run that held a GPU, with no gap since. */
  let warm: PlacedRun | null = null;
  return runs.map((run, index) => {
    const holds = holdsGpu(run.config);
    const previous = runs[index - 1];
    const isOwn = previous !== undefined && isGiven(kindBetween(previous, run, rules.order), execution);
    const from: PlacedRun | null = isOwn ? previous : holds ? warm : null;
    const gap = from === null ? null : gapBetween(from, run, rules);
    if (holds) warm = run;
    else if (gap !== null) warm = null;
    return gap;
  });
}

/** The gap between two runs: the cycle gap where a cycle begins, in place of the other one. */
export function gapBetween(
  before: Pick<Run, "cycle">,
  after: Pick<Run, "cycle">,
  { order, gaps }: Pick<GapRules, "order" | "gaps">,
): Run["gap_before"] {
  const kind = kindBetween(before, after, order);
  return gapSeconds(kind, gaps) > 0 ? kind : null;
}

/** How long a gap is; 0 where none is due. */
export function gapSeconds(kind: Run["gap_before"], gaps: Gaps): number {
  if (kind === null) return 0;
  return kind === "cycle" ? gaps.cycle_s : gaps.experiment_s;
}

function kindBetween(
  before: Pick<Run, "cycle">,
  after: Pick<Run, "cycle">,
  order: CycleOrder,
): GapKind {
  return hasCycleBoundaries(order) && before.cycle !== after.cycle ? "cycle" : "experiment";
}
