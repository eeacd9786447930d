import { rootOfSquares } from "../../base/numbers.ts";
import type { Spread } from "../../statistics/spread.ts";
import { OF_HEADLINE_ENERGY } from "./metrics.ts";
import type { EnergySummary } from "./summary.ts";

/** The number by which an experiment is followed, and its 95 % interval. */
export interface Interval {
  /** The geometric mean over runs; the mean where there is none. */
  readonly value: number;
  /** Null where there is no interval, as is the next: one run, or a value that is not positive. */
  readonly low95: number | null;
  readonly high95: number | null;
}

/** Of energy, and what is made of it, with what repeats cannot show: the errors that all runs on one meter share. */
export function intervalOf(energy: EnergySummary | null, metric: string, spread: Spread): Interval {
  const value = spread.geomean ?? spread.mean;
  const ofMeter = metric === "energy_j" || metric === "j_per_output_token" ? energy?.[metric] ?? null : null;
  const { low95, high95 } = ofMeter ?? spread;
  const { common_relative = null, gain_relative = null } = energy?.energy_j ?? {};
  if (ofMeter !== null || !OF_HEADLINE_ENERGY.has(metric) || spread.relative95 === null) {
    return { value, low95, high95 };
  }
  const half = rootOfSquares([Math.log1p(spread.relative95), common_relative ?? 0, gain_relative ?? 0]);
  return { value, low95: value / Math.exp(half), high95: value * Math.exp(half) };
}
