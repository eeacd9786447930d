/** When requests arrive that wait for nobody: a sequence of times after the start, drawn from a seed. */
import jstat from "jstat";
import { type Uniform, uniformFrom } from "./uniform.ts";

/** Requests over time by a clock of their own; rates are requests per second. */
export type Arrivals =
  | { readonly kind: "constant"; readonly rate: number }
  | { readonly kind: "poisson"; readonly rate: number; readonly seed: number }
  | { readonly kind: "gamma"; readonly rate: number; readonly shape: number; readonly seed: number }
  | {
    readonly kind: "ramp";
    /** At the start, and at the end after so many seconds; from there on it stays. */
    readonly rate: number;
    readonly to: number;
    readonly seconds: number;
    readonly seed: number;
  };

/**
 * Seconds after the start at which requests arrive, without an end, never falling. `constant` begins at 0, the others with
 * a gap. `poisson`: exponential gaps, none rescaled, so that n requests take n/rate seconds only on the average. `gamma`:
 * gaps of mean 1/rate with variance 1/(shape * rate^2). `ramp`: a Poisson process whose rate grows or falls linearly.
 */
export function* arrivalSeconds(arrivals: Arrivals): Generator<number, never> {
  switch (arrivals.kind) {
    case "constant":
      // Not a sum of gaps, which would drift.
      for (let i = 0;; i++) yield i / arrivals.rate;
    case "poisson":
      return yield* sums(exponentials(uniformFrom(arrivals.seed)), (sum) => sum / arrivals.rate);
    case "gamma":
      return yield* sums(
        gammas(uniformFrom(arrivals.seed), arrivals.shape),
        (sum) => sum / arrivals.rate,
      );
    case "ramp":
      return yield* sums(exponentials(uniformFrom(arrivals.seed)), (sum) => rampSeconds(sum, arrivals));
  }
}

function* sums(gaps: Generator<number, never>, toSeconds: (sum: number) => number): Generator<number, never> {
  let sum = 0;
  while (true) {
    sum += gaps.next().value;
    yield toSeconds(sum);
  }
}

/** Exponential gaps of mean 1. */
function* exponentials(uniform: Uniform): Generator<number, never> {
  while (true) yield -Math.log1p(-uniform());
}

/** Gamma gaps of mean 1, by the inverse of the distribution: one uniform number each, whatever the shape. */
function* gammas(uniform: Uniform, shape: number): Generator<number, never> {
  while (true) yield jstat.gamma.inv(uniform(), shape, 1 / shape);
}

/** The time at which the integral of a ramp's rate reaches `expected` requests. */
function rampSeconds(
  expected: number,
  { rate, to, seconds }: { readonly rate: number; readonly to: number; readonly seconds: number },
): number {
  const inRamp = (rate + to) / 2 * seconds;
  if (expected >= inRamp) return seconds + (expected - inRamp) / to;
  const slope = (to - rate) / seconds;
  // The root of rate * t + slope * t^2 / 2 = expected, in the form that a slope of 0 does not break.
  return 2 * expected / (rate + Math.sqrt(rate * rate + 2 * slope * expected));
}
