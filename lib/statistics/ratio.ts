import { meanOf, sampleDeviation } from "./moments.ts";
import { tQuantile, tTwoSided } from "../base/student_t.ts";

/** A difference of mean logarithms, which is the logarithm of a ratio, with what is known of its uncertainty. */
export interface Estimate {
  readonly difference: number;
  /** Standard error of the difference. */
  readonly error: number;
  /** Degrees of freedom of the error; any real number above 0. */
  readonly degrees: number;
}

/** How many times one mean is another, on logarithms, with its interval. */
export interface Ratio extends Estimate {
  /** Of geometric means. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  /** Values on either side; where they are paired, pairs. */
  readonly n: readonly [number, number];
  readonly t: number;
  /** Two-sided, of a ratio of 1. */
  readonly p: number;
}

/**
 * B over A of values that belong together, as those of one cycle do: what both have in common, such as a warm room, does not
 * widen the interval. Null below two pairs or where a value is not positive.
 */
export function pairedRatio(
  pairs: readonly (readonly [a: number, b: number])[],
  confidence = 0.95,
): Ratio | null {
  if (pairs.length < 2 || pairs.some(([a, b]) => !(a > 0 && b > 0))) return null;
  const differences = pairs.map(([a, b]) => Math.log(b) - Math.log(a));
  const n = pairs.length;
  const error = (sampleDeviation(differences) ?? NaN) / Math.sqrt(n);
  return ratioOf({ difference: meanOf(differences), error, degrees: n - 1 }, [n, n], confidence);
}

/** B over A of values that do not belong together (Welch). Null below two on a side or where one is not positive. */
export function unpairedRatio(
  a: readonly number[],
  b: readonly number[],
  confidence = 0.95,
): Ratio | null {
  if (a.length < 2 || b.length < 2 || [...a, ...b].some((value) => !(value > 0))) return null;
  const sides = [a, b].map((values) => {
    const logs = values.map(Math.log);
    return { mean: meanOf(logs), share: (sampleDeviation(logs) ?? NaN) ** 2 / logs.length, n: logs.length };
  });
  const variance = sides.reduce((sum, { share }) => sum + share, 0);
  const spent = sides.reduce((sum, { share, n }) => sum + share ** 2 / (n - 1), 0);
  // Without any spread on either side there is nothing to weigh: the degrees of both together.
  const degrees = spent === 0 ? a.length + b.length - 2 : variance ** 2 / spent;
  const difference = (sides[1]?.mean ?? NaN) - (sides[0]?.mean ?? NaN);
  return ratioOf({ difference, error: Math.sqrt(variance), degrees }, [a.length, b.length], confidence);
}

/**
 * The same ratio where both sides also share a standard uncertainty of its logarithm that repeats do not show, such as a
 * meter's: added in quadrature, with the degrees of freedom of Welch and Satterthwaite (GUM G.4.1; a common error has
 * infinitely many).
 */
export function withCommonError(ratio: Ratio, common: number, confidence = 0.95): Ratio {
  if (common === 0) return ratio;
  const error = Math.hypot(ratio.error, common);
  const degrees = ratio.degrees * (error / ratio.error) ** 4;
  return ratioOf({ difference: ratio.difference, error, degrees }, ratio.n, confidence);
}

/** Student's interval and test of an estimate. Without spread the interval is the ratio itself. */
export function ratioOf(estimate: Estimate, n: readonly [number, number], confidence = 0.95): Ratio {
  const { difference, error, degrees } = estimate;
  const half = error === 0 ? 0 : tQuantile(1 - (1 - confidence) / 2, degrees) * error;
  const t = difference === 0 ? 0 : difference / error;
  return {
    ...estimate,
    ratio: Math.exp(difference),
    low: Math.exp(difference - half),
    high: Math.exp(difference + half),
    n,
    t,
    p: tTwoSided(t, degrees),
  };
}
