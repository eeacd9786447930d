import { meanOf, sampleDeviation } from "./moments.ts";
import { tQuantile } from "../base/student_t.ts";

/** Between what one more value lies, if nothing has changed. */
export interface Prediction {
  /** Geometric mean of those that were. */
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

/**
 * Student's prediction interval of one more value, on logarithms: it holds the spread of the value and the doubt about the
 * mean (Hahn and Meeker, Statistical Intervals, section 4.8). Null below two values and where one is not positive.
 */
export function predictionInterval(values: readonly number[], confidence = 0.95): Prediction | null {
  const n = values.length;
  if (n < 2 || values.some((value) => !(value > 0))) return null;
  const logs = values.map(Math.log);
  const half = tQuantile(1 - (1 - confidence) / 2, n - 1) * (sampleDeviation(logs) ?? NaN) *
    Math.sqrt(1 + 1 / n);
  const mean = Math.exp(meanOf(logs));
  return { mean, low: mean * Math.exp(-half), high: mean * Math.exp(half), n };
}
