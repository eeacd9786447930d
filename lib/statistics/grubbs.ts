import { meanOf, sampleDeviation } from "./moments.ts";
import { tQuantile } from "../base/student_t.ts";

/** Of three values none can be told to lie apart: the limit, 1.1543, is all but the largest distance that there is, 1.1547. */
const FEWEST = 4;

/** The distance from the mean, in standard deviations, above which the farthest of `n` values lies apart (Grubbs 1969). */
export function grubbsLimit(n: number, alpha = 0.05): number {
  const t = tQuantile(1 - alpha / (2 * n), n - 2);
  return (n - 1) / Math.sqrt(n) * Math.sqrt(t ** 2 / (n - 2 + t ** 2));
}

/**
 * The position of the value that lies apart from the others, on logarithms, by Grubbs' test (two-sided, 5 %); null where
 * none does, below four values, and where one is not positive. To be marked: no value is dropped for being far away.
 */
export function outlierOf(values: readonly number[]): number | null {
  if (values.length < FEWEST || values.some((value) => !(value > 0))) return null;
  const logs = values.map(Math.log);
  const deviation = sampleDeviation(logs);
  if (deviation === null || deviation === 0) return null;
  const mean = meanOf(logs);
  const distances = logs.map((log) => Math.abs(log - mean) / deviation);
  const farthest = distances.reduce((best, distance, at) => distance > (distances[best] ?? 0) ? at : best, 0);
  return (distances[farthest] ?? 0) > grubbsLimit(values.length) ? farthest : null;
}
