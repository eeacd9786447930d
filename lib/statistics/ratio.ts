import { meanOf, sampleDeviation } from "./moments.ts";
import { tQuantile, tTwoSided } from "../base/student_t.ts";

/** How many times one mean is another, on logarithms, with its interval. */
export interface Ratio {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  /** Values on either side; where they are paired, pairs. */
  readonly n: readonly [number, number];
  readonly t: number;
  readonly degrees: number;
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
  return ratioOf({ difference: meanOf(differences), error, degrees: n - 1, n: [n, n] }, confidence);
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
  return ratioOf({ difference, error: Math.sqrt(variance), degrees, n: [a.length, b.length] }, confidence);
}

function ratioOf(
  { difference, error, degrees, n }: {
    readonly difference: number;
    readonly error: number;
    readonly degrees: number;
    readonly n: readonly [number, number];
  },
  confidence: number,
): Ratio {
  const half = tQuantile(1 - (1 - confidence) / 2, degrees) * error;
  const t = difference === 0 ? 0 : difference / error;
  return {
    ratio: Math.exp(difference),
    low: Math.exp(difference - half),
    high: Math.exp(difference + half),
    n,
    t,
    degrees,
    p: tTwoSided(t, degrees),
  };
}
