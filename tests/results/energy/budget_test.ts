import assert from "node:assert/strict";
import { COVERAGE, energyBudget, type UncertainDevice } from "../../../lib/results/energy/budget.ts";

function board(
  edges_j: number | null,
  sampling_j: number | null,
  disagreement_j: number | null,
): UncertainDevice {
  return { energy: { edges_j, sampling_j, disagreement_j } };
}

Deno.test("energyBudget() adds edges and sampling of boards as independent, the meters' disagreement as one cause", () => {
  const budget = energyBudget([board(3, 6, 5), board(4, 8, 7)], 1000, 2);
  // 3 and 4 make 5, 6 and 8 make 10; 5 and 7 make 12 and not the root of 74.
  assert.deepEqual([budget.edges_j, budget.sampling_j, budget.disagreement_j], [5, 10, 12]);
  assert.equal(budget.total_j, COVERAGE * Math.sqrt(25 + 100 + 144));
  // It concerns the net energy alone.
  assert.equal(budget.baseline_j, 2);
});

Deno.test("energyBudget() counts as many boards as there are", () => {
  const four = energyBudget(Array.from({ length: 4 }, () => board(1, 1, 1)), 1000, null);
  assert.deepEqual([four.edges_j, four.sampling_j, four.disagreement_j], [2, 2, 4]);
  const one = energyBudget([board(3, 6, 5)], 1000, null);
  assert.deepEqual([one.edges_j, one.sampling_j, one.disagreement_j], [3, 6, 5]);
});

Deno.test("energyBudget() leaves out what a board does not tell, and is null where none does", () => {
  const some = energyBudget([board(3, null, 5), board(4, 8, null)], 1000, null);
  assert.deepEqual([some.edges_j, some.sampling_j, some.disagreement_j], [5, 8, 5]);
  const none = energyBudget([board(3, null, null)], 1000, null);
  assert.deepEqual([none.sampling_j, none.disagreement_j, none.total_j], [null, null, COVERAGE * 3]);
  assert.equal(energyBudget([board(null, 1, 1)], 1000, null).total_j, null);
  assert.equal(energyBudget([board(1, 1, 1)], null, null).total_j, null);
});

Deno.test("energyBudget() takes a twentieth for the gain of a sensor, evenly spread, whatever the sign", () => {
  assert.equal(energyBudget([], 1000, null).gain_cross_board_j, 50 / Math.sqrt(3));
  assert.equal(energyBudget([], -1000, null).gain_cross_board_j, 50 / Math.sqrt(3));
});
