import { mersenneTwister } from "../../../../lib/base/mersenne_twister.ts";

/** Draws a number in [0, 1) with 53 random bits. */
export type Uniform = () => number;

/** A seeded sequence of uniform numbers, the one that Python's `random.Random(seed).random()` gives. */
export function uniformFrom(seed: number): Uniform {
  const random = mersenneTwister(seed);
  return () => ((random() >>> 5) * 2 ** 26 + (random() >>> 6)) / 2 ** 53;
}
