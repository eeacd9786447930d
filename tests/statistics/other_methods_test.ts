/**
 * Ratios by methods that llem does not use, as independent witnesses of the one that it does: none of them takes logarithms.
 */
import assert from "node:assert/strict";
import { tQuantile } from "../../lib/base/student_t.ts";
import { meanOf, sampleDeviation } from "../../lib/statistics/moments.ts";
import { pairedRatio, unpairedRatio } from "../../lib/statistics/ratio.ts";
import { JOULES_A as A, JOULES_B as B, near, pairs } from "./worked.ts";

type Interval = readonly [low: number, high: number];

interface Mean {
  readonly mean: number;
  /** Of the mean. */
  readonly variance: number;
  readonly degrees: number;
}

function meanAnd(values: readonly number[]): Mean {
  const n = values.length;
  return {
    mean: meanOf(values),
    variance: (sampleDeviation(values) ?? NaN) ** 2 / n,
    degrees: n - 1,
  };
}

/** Both solutions r of (b - r a)^2 = t^2 (vB - 2 r c + r^2 vA) (Fieller 1954). */
function fieller(a: Mean, b: Mean, covariance: number, degrees: number): Interval {
  const square = tQuantile(0.975, degrees) ** 2;
  const quadratic = a.mean ** 2 - square * a.variance;
  assert.ok(quadratic > 0, "A is not resolved from 0");
  const half = a.mean * b.mean - square * covariance;
  const root = Math.sqrt(half ** 2 - quadratic * (b.mean ** 2 - square * b.variance));
  return [(half - root) / quadratic, (half + root) / quadratic];
}

/** Kalibera and Jones 2012: from the interval of each mean. */
function kaliberaJones(a: Mean, b: Mean): Interval {
  const [ha, hb] = [a, b].map(({ variance, degrees }) => tQuantile(0.975, degrees) ** 2 * variance);
  const [square, product] = [a.mean ** 2 - (ha ?? NaN), a.mean * b.mean];
  const root = Math.sqrt(product ** 2 - square * (b.mean ** 2 - (hb ?? NaN)));
  return [(product - root) / square, (product + root) / square];
}

Deno.test("Fieller's interval of unpaired means is that of logarithms, to a hundredth of a percent", () => {
  const [a, b] = [meanAnd(A), meanAnd(B)];
  const ratio = b.mean / a.mean;
  near(ratio, 0.9679089027);
  const variance = b.variance + ratio ** 2 * a.variance;
  const degrees = variance ** 2 /
    (b.variance ** 2 / b.degrees + (ratio ** 2 * a.variance) ** 2 / a.degrees);
  near(degrees, 7.747727610);
  const [low, high] = fieller(a, b, 0, degrees);
  near(low, 0.9590632106);
  near(high, 0.9768213479);
  const ours = unpairedRatio(A, B);
  near(ours?.low, low, 1e-5);
  near(ours?.high, high, 1e-5);
});

Deno.test("Fieller's interval of pairs is that of logarithms, to two thousandths of a percent", () => {
  const [a, b] = [meanAnd(A), meanAnd(B)];
  const covariance =
    A.reduce((sum, value, index) => sum + (value - a.mean) * ((B[index] ?? NaN) - b.mean), 0) /
    (A.length - 1) / A.length;
  const [low, high] = fieller(a, b, covariance, A.length - 1);
  near(low, 0.9624637490);
  near(high, 0.9733636777);
  const ours = pairedRatio(pairs(A, B));
  near(ours?.low, low, 3e-5);
  near(ours?.high, high, 3e-5);
});

Deno.test("the interval of Kalibera and Jones holds that of logarithms, as it is wider by design", () => {
  const [low, high] = kaliberaJones(meanAnd(A), meanAnd(B));
  near(low, 0.9573267170);
  near(high, 0.9785867643);
  const ours = unpairedRatio(A, B);
  assert.ok(ours !== null && low < ours.low && ours.high < high);
});
