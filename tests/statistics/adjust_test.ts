import assert from "node:assert/strict";
import { benjaminiHochberg, holm } from "../../lib/statistics/adjust.ts";
import { near } from "./worked.ts";

const PS = [0.001, 0.008, 0.012, 0.03, 0.04, 0.2];

Deno.test("holm() and benjaminiHochberg() adjust as their papers do, in any order", () => {
  const adjusted = [
    [holm, [0.006, 0.04, 0.048, 0.09, 0.09, 0.2]],
    [benjaminiHochberg, [0.006, 0.024, 0.024, 0.045, 0.048, 0.2]],
  ] as const;
  for (const [adjust, expected] of adjusted) {
    adjust(PS).forEach((p, index) => near(p, expected[index] ?? NaN));
    adjust(PS.toReversed()).forEach((p, index) => near(p, expected.toReversed()[index] ?? NaN));
    assert.deepEqual([adjust([]), adjust([0.3]), adjust([0.9, 0.9]), adjust([0, 1])], [[], [0.3], [
      ...adjust === holm ? [1, 1] : [0.9, 0.9],
    ], [0, 1]]);
  }
});
