import { logInterval } from "./log_interval.ts";
import { deviationFrom, meanOf } from "./moments.ts";
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
  /** The geometric mean; null for a single value and where one is not positive. */
  readonly geomean: number | null;
  /**
   * The 95 % interval, null for a single value: of the geometric mean, or of the mean where a value is not positive, and never
   * below 0 where none of them is.
   */
  readonly low95: number | null;
  readonly high95: number | null;
  /** By what the geometric mean is multiplied and divided to give both, less 1; null where there is none. */
  readonly relative95: number | null;
  /** How it was made: Student's t on logarithms, or on the values themselves; null for a single value. */
  readonly interval: "log" | "plain" | null;
}

/** Null where no repeat gave the number. */
export function spread(values: readonly number[]): Spread | null {
  const [value] = values;
  if (value === undefined) return null;
  return values.length === 1 ? ofOne(value) : ofSeveral(values);
}

function ofOne(value: number): Spread {
  return {
    mean: value,
    std: null,
    ci95: null,
    min: value,
    max: value,
    n: 1,
    median: value,
    geomean: null,
    low95: null,
    high95: null,
    relative95: null,
    interval: null,
  };
}

/** In one pass where sums allow: a table of 20,000 rows has half a million of these. */
function ofSeveral(values: readonly number[]): Spread {
  const n = values.length;
  let [sum, min, max] = [0, Infinity, -Infinity];
  for (const value of values) {
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (min === max && Number.isFinite(min)) return ofEqual(min, n);
  const mean = Number.isFinite(sum) ? Math.min(Math.max(sum / n, min), max) : meanOf(values);
  const std = deviationFrom(values, mean);
  const ci95 = tQuantile(0.975, n - 1) * std / Math.sqrt(n);
  const onLogs = min > 0 ? logInterval(values) : null;
  return {
    mean,
    std,
    ci95,
    min,
    max,
    n,
    median: median(values),
    geomean: onLogs?.mean ?? null,
    low95: onLogs?.low ?? (min === 0 ? Math.max(0, mean - ci95) : mean - ci95),
    high95: onLogs?.high ?? mean + ci95,
    relative95: onLogs?.relative ?? null,
    interval: onLogs === null ? "plain" : "log",
  };
}

/** Of a count, mostly. */
function ofEqual(value: number, n: number): Spread {
  const isPositive = value > 0;
  return {
    mean: value,
    std: 0,
    ci95: 0,
    min: value,
    max: value,
    n,
    median: value,
    geomean: isPositive ? value : null,
    low95: value,
    high95: value,
    relative95: isPositive ? 0 : null,
    interval: isPositive ? "log" : "plain",
  };
}
