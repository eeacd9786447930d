import { meanOf } from "./moments.ts";
import { quantileOfSorted } from "../base/quantile.ts";

/** What a set of samples looks like. Percentiles interpolate linearly between order statistics (numpy's default). */
export interface Distribution {
  readonly mean: number;
  readonly median: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly min: number;
  readonly max: number;
  /** How many samples there were, also where only some were kept. */
  readonly n: number;
}

/** The distribution of samples; null where there are none: absent is never 0. */
export function distribution(samples: Float64Array, n: number = samples.length): Distribution | null {
  return distributionOfSorted(samples.toSorted(), n);
}

/** The same of samples in ascending order. */
export function distributionOfSorted(sorted: Float64Array, n: number = sorted.length): Distribution | null {
  const min = sorted[0];
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) return null;
  const mean = meanOf(sorted);
  const at = (fraction: number): number => quantileOfSorted(sorted, fraction);
  return { mean, median: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99), min, max, n };
}
