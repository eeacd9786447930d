/** The worked examples that several tests of statistics share, and draws for their simulations. */

import type { Random } from "../support/random.ts";

/** Joules a token of four settings. */
export const JOULES_A = [0.2310, 0.2302, 0.2335, 0.2318, 0.2327];
export const JOULES_B = [0.2231, 0.2240, 0.2262, 0.2229, 0.2258];
export const JOULES_C = [0.2105, 0.2098, 0.2131, 0.2120, 0.2117];
export const JOULES_D = [0.2290, 0.2311, 0.2309, 0.2301, 0.2330];

/** Fails unless `found` is `expected` to as many digits as are given: by a relative error, ten digits unless said. */
export function near(found: number | null | undefined, expected: number, error = 5e-10): void {
  const off = Math.abs((found ?? NaN) - expected) / Math.max(Math.abs(expected), Number.MIN_VALUE);
  if (!(off <= error)) throw new Error(`${found} is not ${expected}`);
}

/** Values that belong together. */
export function pairs(a: readonly number[], b: readonly number[]): (readonly [number, number])[] {
  return a.map((value, index) => [value, b[index] ?? NaN]);
}

/** Draws about 1 whose logarithms are normal with this standard deviation (Box and Muller). */
export function logNormal(random: Random, deviation: number, count: number): number[] {
  return Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
    return Math.exp(deviation * radius * Math.cos(2 * Math.PI * random.next()));
  });
}

/** The standard deviation of the logarithm of what varies by `variation`, as a share of its mean (lognormal). */
export function logDeviation(variation: number): number {
  return Math.sqrt(Math.log1p(variation ** 2));
}
