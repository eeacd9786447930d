import { largest, smallest } from "../base/numbers.ts";
import { logInterval } from "./log_interval.ts";
import { meanOf, sampleDeviation } from "./moments.ts";
import { median } from "../base/quantile.ts";
import { tQuantile } from "../base/student_t.ts";

/** One number over the repeats of a measurement. */
export interface Spread {
  readonly mean: number;
  /** Sample standard deviation (n - 1); null for a single value. */
  readonly std: number | null;
  /** Half width of the 95 % confidence interval of the mean (Student t, n - 1 degrees); null for a single value. */
  readonly ci95: number | null;
  readonly min: number;
  readonly max: number;
  readonly n: number;
  readonly median: number;
  /** The geometric mean; null for a single value and where one is not positive. So are the next three. */
  readonly geomean: number | null;
  /** The 95 % interval of the geometric mean (Student t on logarithms). */
  readonly low95: number | null;
  readonly high95: number | null;
  /** By what the geometric mean is multiplied and divided to give both, less 1. */
  readonly relative95: number | null;
}

/** Null where no repeat gave the number. */
export function spread(values: readonly number[]): Spread | null {
  const n = values.length;
  if (n === 0) return null;
  const std = sampleDeviation(values);
  const interval = logInterval(values);
  return {
    mean: meanOf(values),
    std,
    ci95: std === null ? null : tQuantile(0.975, n - 1) * std / Math.sqrt(n),
    min: smallest(values),
    max: largest(values),
    n,
    median: median(values),
    geomean: interval?.mean ?? null,
    low95: interval?.low ?? null,
    high95: interval?.high ?? null,
    relative95: interval?.relative ?? null,
  };
}
