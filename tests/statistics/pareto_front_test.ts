import assert from "node:assert/strict";
import { paretoFront } from "../../lib/statistics/pareto_front.ts";
import { JOULES_A, JOULES_C, near } from "./worked.ts";

Deno.test("paretoFront() keeps what nothing beats for sure, beside what nothing beats by its means", () => {
  const found = paretoFront([
    {
      better: "less",
      values: [
        JOULES_A,
        JOULES_C,
        [0.2085, 0.2120, 0.2128, 0.2095, 0.2140],
        [0.2600, 0.2590, 0.2620, 0.2610, 0.2605],
      ],
    },
    {
      better: "more",
      values: [
        [500, 498, 503, 501, 499],
        [620, 615, 624, 619, 621],
        [618, 626, 617, 622, 620],
        [640, 636, 643, 641, 638],
      ],
    },
  ]);
  assert.deepEqual(found.by_means, [2, 3]);
  assert.deepEqual(found.confident, [1, 2, 3]);
  const [beaten, ...others] = found.beaten;
  assert.equal(beaten?.by, 1);
  // SciPy's one-sided paired t of the logarithms of joules, the weaker of both axes.
  near(beaten?.p, 2.5354618295886547e-8, 1e-9);
  assert.deepEqual(others, [null, null, null]);
});

Deno.test("paretoFront() keeps ties, and is not led astray by equal or single values", () => {
  const tied = paretoFront([
    { better: "less", values: [[1, 1], [1, 1], [1, 1]] },
    { better: "more", values: [[5, 5], [5, 5], [4, 4]] },
  ]);
  assert.deepEqual(tied.by_means, [0, 1], "as good on one axis and worse on the other");
  assert.deepEqual(tied.confident, [0, 1, 2], "not better on every axis");
  const single = paretoFront([{ better: "less", values: [[1], [2]] }]);
  assert.deepEqual([single.by_means, single.confident], [[0], [0, 1]]);
  assert.deepEqual(paretoFront([]), { by_means: [], confident: [], beaten: [] });
  const sure = paretoFront([{ better: "more", values: [[2, 3], [4, 6]] }]);
  assert.deepEqual([sure.confident, sure.beaten[0]?.by], [[1], 1]);
});
