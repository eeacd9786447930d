import type { Look } from "../statistics/look.ts";

/** How well a metric of an experiment is known, in a study with `execution.until`. */
export interface RowWidth {
  /** The half width to be reached, as a share of the mean. */
  readonly target: number;
  /** Values so far. */
  readonly n: number;
  /**
   * What may be claimed of the mean: half of its 95 % interval, and not less than the target, as it was stopped by that. Null
   * where it has no interval.
   */
  readonly width: number | null;
  /** At two looks in a row. */
  readonly met: boolean;
}

/** `until` of summary.json: the last look, and the limits. */
export interface UntilSummary {
  readonly min_cycles: number;
  readonly max_cycles: number;
  /** Null before the first look. */
  readonly look: Look | null;
}
