import assert from "node:assert/strict";
import { pairedRatio, unpairedRatio } from "../../lib/statistics/ratio.ts";
import { logInterval } from "../../lib/statistics/log_interval.ts";

/** Joules a token of two settings, by cycle. */
const A = [0.2310, 0.2302, 0.2335, 0.2318, 0.2327];
const B = [0.2231, 0.2240, 0.2262, 0.2229, 0.2258];

function near(found: number | undefined, expected: number): void {
  const error = Math.abs((found ?? NaN) - expected) / Math.abs(expected);
  assert.ok(error < 1e-6, `${found} is not ${expected}`);
}

function pairs(a: readonly number[], b: readonly number[]): (readonly [number, number])[] {
  return a.map((value, index) => [value, b[index] ?? NaN]);
}

Deno.test("pairedRatio() gives the ratio by cycle with its interval, as SciPy does", () => {
  const found = pairedRatio(pairs(A, B));
  near(found?.ratio, 0.9679034531);
  near(found?.low, 0.9624521124);
  near(found?.high, 0.9733856703);
  near(found?.t, -16.03669834);
  near(found?.p, 8.841306e-5);
  assert.deepEqual([found?.degrees, found?.n], [4, [5, 5]]);
  const narrower = pairedRatio(pairs(A, B), 0.9);
  near(narrower?.low, 0.9637149897);
  near(narrower?.high, 0.9721101203);
});

Deno.test("pairedRatio() of values that do not differ by more than they scatter holds 1", () => {
  const found = pairedRatio(pairs([100, 104, 97, 101], [101, 106, 103, 99]));
  near(found?.ratio, 1.0174036767);
  near(found?.low, 0.9653095346);
  near(found?.high, 1.0723091446);
});

Deno.test("unpairedRatio() is Welch's interval on logarithms, as SciPy gives it", () => {
  const found = unpairedRatio(A, B);
  near(found?.ratio, 0.9679034531);
  near(found?.low, 0.9590693356);
  near(found?.high, 0.9768189429);
  near(found?.degrees, 7.749400559);
  near(found?.p, 4.203465e-5);
});

Deno.test("a ratio needs two positive values on a side, and equal values have one of 1", () => {
  assert.equal(pairedRatio([[1, 2]]), null);
  assert.equal(pairedRatio([[1, 2], [1, 0]]), null);
  assert.equal(unpairedRatio([1, 2], [3]), null);
  assert.equal(unpairedRatio([1, 2], [3, -1]), null);
  for (const same of [pairedRatio([[2, 2], [2, 2]]), unpairedRatio([2, 2], [2, 2])]) {
    assert.deepEqual([same?.ratio, same?.low, same?.high, same?.p], [1, 1, 1, 1]);
  }
});

Deno.test("logInterval() multiplies and divides the geometric mean by one factor", () => {
  const found = logInterval([1, 10, 100]);
  near(found?.mean, 10);
  // ln 10 times 4.302653 over the root of 3.
  near(found?.relative, Math.expm1(Math.log(10) * 4.30265272991 / Math.sqrt(3)));
  near((found?.high ?? NaN) * (found?.low ?? NaN), 100);
  assert.equal(logInterval([5]), null);
  assert.equal(logInterval([5, 0]), null);
});
