import { largest, smallest } from "../base/numbers.ts";
import jstat from "jstat";

/** A metric over the repeats (cycles) of one experiment. */
export interface Spread {
  readonly mean: number;
  /** Sample standard deviation (n - 1); null for a single value. */
  readonly std: number | null;
  /** Half width of the 95 % confidence interval of the mean (Student t, n - 1 degrees); null for a single value. */
  readonly ci95: number | null;
  readonly min: number;
  readonly max: number;
  readonly n: number;
}

/** Null where no repeat gave the metric. */
export function spread(values: readonly number[]): Spread | null {
  const n = values.length;
  if (n === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const std = n < 2 ? null : Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
  const ci95 = std === null ? null : jstat.studentt.inv(0.975, n - 1) * std / Math.sqrt(n);
  return { mean, std, ci95, min: smallest(values), max: largest(values), n };
}
