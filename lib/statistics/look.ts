/**
 * What follows a look:
 * - continue: another cycle
 * - met: nothing, every experiment has met the width at two looks in a row
 * - max_cycles, time_budget: nothing, as the limit does not allow another cycle
 * - none_left: nothing, as no experiment is left that the rule can be about
 */
export type LookDecision = "continue" | "met" | "max_cycles" | "time_budget" | "none_left";

/**
 * Why an experiment is left out of the rule for a metric: fewer than half of its runs completed (`failed`) or gave the metric
 * (`no_value`), or it has a value of 0 or less, so that no relative width exists (`not_positive`).
 */
export type LeftOutReason = "failed" | "no_value" | "not_positive";

/** A metric of an experiment at a look. */
export interface LookWidth {
  readonly config_hash: string;
  /** Values. */
  readonly n: number;
  /** Half of the 95 % interval over the mean. */
  readonly width: number;
}

/** A metric at a look. */
export interface LookMetric {
  readonly metric: string;
  /** The half width to be reached. */
  readonly target: number;
  /** Experiments that have met it at two looks in a row. */
  readonly met: number;
  /** Experiments that the rule is about. */
  readonly of: number;
  /** The widest ones of those that have not met it, else of all; at most three. */
  readonly widest: readonly LookWidth[];
}

/** An experiment that the rule leaves out for a metric. */
export interface LeftOut {
  readonly config_hash: string;
  readonly metric: string;
  readonly reason: LeftOutReason;
}

/** A look at the results, after a whole cycle. */
export interface Look {
  /** The last cycle that it looks at. */
  readonly cycle: number;
  readonly decision: LookDecision;
  readonly metrics: readonly LookMetric[];
  /** The first few of them. */
  readonly left_out: readonly LeftOut[];
  readonly n_left_out: number;
}
