/**
 * lib/statistics owns the numbers about numbers: quantiles, intervals, ratios, outliers. Every function is pure; nothing
 * here knows a run, a metric or a study.
 */

import { rootOfSquares } from "../base/numbers.ts";

/** The arithmetic mean, never outside of the values; NaN of no values. A sum beyond the range of a number does no harm. */
export function meanOf(values: readonly number[] | Float64Array): number {
  const n = values.length;
  let [sum, shares, low, high] = [0, 0, Infinity, -Infinity];
  for (const value of values) {
    sum += value;
    shares += value / n;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const mean = Number.isFinite(sum) ? sum / n : shares;
  return Math.min(Math.max(mean, low), high);
}

/** The sample standard deviation (n - 1); null below two values. */
export function sampleDeviation(values: readonly number[]): number | null {
  return values.length < 2 ? null : deviationFrom(values, meanOf(values));
}

/** The same of two values or more whose mean is known. */
export function deviationFrom(values: readonly number[], mean: number): number {
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  // Where squares neither overflow nor vanish, the plain sum is as good, and quick.
  const root = squares > 1e-200 && squares < 1e300
    ? Math.sqrt(squares)
    : rootOfSquares(values.map((value) => value - mean));
  return root / Math.sqrt(values.length - 1);
}
