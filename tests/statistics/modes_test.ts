import assert from "node:assert/strict";
import { twoGroups } from "../../lib/statistics/modes.ts";
import { Random } from "../support/random.ts";
import { logNormal } from "./worked.ts";

Deno.test("twoGroups() sees two groups of eight values or more, and none in fewer", () => {
  const found = twoGroups([100, 101, 80, 99.5, 81, 100.4, 80.5, 100.8]);
  assert.deepEqual(found?.sizes, [3, 5]);
  assert.ok(found.between > 81 && found.between < 99.5);
  const cases = [
    [100, 101, 80, 99.5, 81, 100.4, 80.5],
    // One value apart is an outlier, no group.
    [100, 101, 99, 99.5, 100.2, 100.4, 80.5, 100.8],
    [100, 101, 102, 103, 104, 105, 106, 107],
    [7, 7, 7, 7, 7, 7, 7, 7],
    [100, 101, 80, 99.5, 81, 100.4, 80.5, 0],
    [],
  ];
  for (const values of cases) assert.equal(twoGroups(values), null, String(values));
});

Deno.test("twoGroups() is seldom wrong about one normal distribution", () => {
  const random = new Random(5);
  const draws = 4000;
  const wrong = (n: number): number =>
    Array.from({ length: draws }, () => twoGroups(logNormal(random, 0.02, n))).filter((it) => it !== null)
      .length / draws;
  assert.ok(Math.abs(wrong(8) - 0.03) < 0.01, "3 % of eight");
  assert.ok(Math.abs(wrong(10) - 0.008) < 0.006, "0.8 % of ten");
});
