import { largest, smallest } from "../base/numbers.ts";
import { deviationFrom, meanOf } from "./moments.ts";
import { tQuantile } from "../base/student_t.ts";

/** A geometric mean and its 95 % interval: about it by a factor, so both ends are positive. */
export interface LogInterval {
  /** The geometric mean. */
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** By what the mean is multiplied and divided to give the ends, less 1: 0.06 is +-6 %. */
  readonly relative: number;
}

/**
 * The interval of the mean by Student's t on logarithms; null below two values or where one is not positive. Logarithms,
 * because rates and times then agree, the ends stay positive, and a relative width is an absolute one.
 */
export function logInterval(values: readonly number[], confidence = 0.95): LogInterval | null {
  if (values.length < 2 || values.some((value) => !(value > 0))) return null;
  const logs = values.map(Math.log);
  const middle = meanOf(logs);
  const error = deviationFrom(logs, middle) / Math.sqrt(logs.length);
  const half = tQuantile(1 - (1 - confidence) / 2, logs.length - 1) * error;
  // A logarithm and back may end beside the values; equal ones have themselves as the mean.
  const mean = Math.min(Math.max(Math.exp(middle), smallest(values)), largest(values));
  return { mean, low: mean / Math.exp(half), high: mean * Math.exp(half), relative: Math.expm1(half) };
}
