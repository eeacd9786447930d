import assert from "node:assert/strict";
import { fewestFor } from "../../../lib/results/compare/tails.ts";
import { quantileRanks } from "../../statistics/quantile_ranks.ts";

Deno.test("quantileRanks() gives the ranks between which a percentile lies", () => {
  const cases: readonly (readonly [number, number, number | null, number | null])[] = [
    [10, 0.5, 2, 9],
    [100, 0.9, 84, 96],
    [100, 0.95, 90, 100],
    [100, 0.99, 97, null],
    [1000, 0.5, 469, 532],
    [1000, 0.9, 881, 919],
    [1000, 0.95, 936, 964],
    [1000, 0.99, 983, 997],
    // Neither end of too few values.
    [3, 0.5, null, null],
    [0, 0.5, null, null],
  ];
  for (const [n, fraction, low, high] of cases) {
    assert.deepEqual(quantileRanks(n, fraction), { low, high }, `${n} at ${fraction}`);
  }
});

Deno.test("fewestFor() is the number of values from which on a percentile has an upper bound", () => {
  for (const [fraction, fewest] of [[0.9, 36], [0.95, 72], [0.99, 368], [0.999, 3688]] as const) {
    assert.equal(fewestFor(fraction), fewest);
    assert.equal(quantileRanks(fewest - 1, fraction).high, null);
    assert.equal(quantileRanks(fewest, fraction).high, fewest);
  }
});
