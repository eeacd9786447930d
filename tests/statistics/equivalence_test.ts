import assert from "node:assert/strict";
import { equivalenceP } from "../../lib/statistics/equivalence.ts";
import { pairedRatio, type Ratio } from "../../lib/statistics/ratio.ts";
import { JOULES_A, JOULES_B, near, pairs } from "./worked.ts";

function ratio(a: readonly number[], b: readonly number[]): Ratio {
  const found = pairedRatio(pairs(a, b));
  assert.ok(found !== null);
  return found;
}

Deno.test("equivalenceP() is the worse of two one-sided tests against the margin", () => {
  const found = ratio(JOULES_A, JOULES_B);
  near(equivalenceP(found, 0.05), 6.787468e-4, 5e-7);
  near(equivalenceP(ratio(JOULES_B, JOULES_A), 0.05), 6.787468e-4, 5e-7);
  assert.ok(equivalenceP(found, 0.02) > 0.5, "3 % off is not the same within 2 %");
});

Deno.test("equivalenceP() agrees with the 90 % interval, and equal values leave no doubt", () => {
  const found = ratio(JOULES_A, JOULES_B);
  const low = pairedRatio(pairs(JOULES_A, JOULES_B), 0.9)?.low ?? NaN;
  near(equivalenceP(found, 1 / low - 1), 0.05, 1e-9);
  assert.equal(equivalenceP(ratio([2, 2], [2, 2]), 0.02), 0);
  assert.equal(equivalenceP(ratio([2, 2], [3, 3]), 0.02), 1);
});
