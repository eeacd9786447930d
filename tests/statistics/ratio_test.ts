import assert from "node:assert/strict";
import { pairedRatio, unpairedRatio, withCommonError } from "../../lib/statistics/ratio.ts";
import { logInterval } from "../../lib/statistics/log_interval.ts";
import { JOULES_A as A, JOULES_B as B, near, pairs } from "./worked.ts";

Deno.test("pairedRatio() gives the ratio by cycle with its interval, as SciPy does", () => {
  const found = pairedRatio(pairs(A, B));
  near(found?.ratio, 0.9679034531);
  near(found?.low, 0.9624521124);
  near(found?.high, 0.9733856703);
  near(found?.t, -16.03669834);
  near(found?.p, 8.841306e-5, 1e-7);
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
  near(found?.p, 4.203465e-5, 1e-7);
});

Deno.test("a drift that both share falls out of pairs, and drowns what does not belong together", () => {
  const [a, b] = [[100, 103, 106, 109, 112], [98.2, 100.7, 104.1, 106.6, 110.0]];
  const found = pairedRatio(pairs(a, b));
  near(found?.ratio, 0.9803717616);
  near(found?.low, 0.9774825058);
  near(found?.high, 0.9832695574);
  const apart = unpairedRatio(a, b);
  near(apart?.low, 0.9182749871);
  near(apart?.high, 1.0466677241);
  near(apart?.p, 0.5046, 1e-4);
});

Deno.test("withCommonError() adds what repeats do not show, with the degrees that are then left", () => {
  const own = pairedRatio(pairs(A, B));
  assert.ok(own !== null);
  near(own.error, 0.00203428, 1e-5);
  const found = withCommonError(own, 0.003);
  near(found.error, 0.00362467, 1e-6);
  near(found.degrees, 40.32, 1e-4);
  near(Math.log(found.high / found.ratio), 0.00732393, 1e-6);
  assert.equal(withCommonError(own, 0), own);
  // Without any spread of its own the common error is all, and normal.
  const same = pairedRatio([[2, 2], [2, 2]]);
  assert.ok(same !== null);
  near(Math.log(withCommonError(same, 0.01).high), 0.01959964, 1e-6);
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
