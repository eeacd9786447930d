import type { SummaryRow } from "../../results/summary.ts";
import type { Spread } from "../../statistics/spread.ts";

/** The number by which an experiment is followed, and its 95 % interval. */
export interface Interval {
  /** The geometric mean over runs; the mean where there is none. */
  readonly value: number;
  /** Null where there is no interval, as is the next: one run, or a value that is not positive. */
  readonly low95: number | null;
  readonly high95: number | null;
}

/** Of energy with what repeats cannot show: the errors that all runs on one meter share. */
export function intervalOf({ energy }: SummaryRow, metric: string, spread: Spread): Interval {
  const ofMeter = metric === "energy_j" || metric === "j_per_output_token" ? energy?.[metric] ?? null : null;
  const { low95, high95 } = ofMeter ?? spread;
  return { value: spread.geomean ?? spread.mean, low95, high95 };
}
