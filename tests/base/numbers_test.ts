import assert from "node:assert/strict";
import { append, largest, rootOfSquares, smallest } from "../../lib/base/numbers.ts";
import { spread } from "../../lib/statistics/spread.ts";
import { textTable } from "../../lib/report/table.ts";

/** More than the arguments that a call can take. */
const MANY = 300_000;
const many = Array.from({ length: MANY }, (_, index) => index);

Deno.test("largest(), smallest() and append() take more values than a call takes arguments", () => {
  assert.throws(() => Math.max(...many), RangeError);
  assert.deepEqual([largest(many), smallest(many)], [MANY - 1, 0]);
  const target = [-1];
  append(target, many);
  assert.equal(target.length, MANY + 1);
  assert.ok(Math.abs(rootOfSquares(many.map(() => 2)) - 2 * Math.sqrt(MANY)) < 1e-6);
});

Deno.test("largest() and smallest() are those of Math where there are values, and what was given where there are none", () => {
  for (const values of [[3], [1, -2, 5], [NaN, 1], [1, NaN]]) {
    assert.deepEqual([largest(values, 7), smallest(values, 7)], [Math.max(...values), Math.min(...values)]);
  }
  assert.deepEqual([largest([]), smallest([]), largest([], 0), smallest([], 0)], [-Infinity, Infinity, 0, 0]);
  assert.equal(rootOfSquares([]), 0);
  assert.equal(rootOfSquares([3, 4]), 5);
  assert.equal(rootOfSquares([1e200, 1e200]), Math.hypot(1e200, 1e200));
});

Deno.test("fault 49: spread() and textTable() take as many values and rows", () => {
  const { mean, min, max, n } = spread(many.map(() => 20)) ?? {};
  assert.deepEqual({ mean, min, max, n }, { mean: 20, min: 20, max: 20, n: MANY });
  const table = textTable(["n"], many.map((value) => [String(value)]));
  assert.equal(table.split("\n").length, MANY + 2);
});
