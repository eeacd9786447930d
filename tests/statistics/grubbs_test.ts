import assert from "node:assert/strict";
import { grubbsLimit, outlierOf } from "../../lib/statistics/grubbs.ts";

Deno.test("grubbsLimit() gives the limits of printed tables", () => {
  const limits = [1.4813, 1.7150, 1.8871, 2.0200, 2.1266, 2.2150, 2.2900];
  limits.forEach((limit, index) => {
    const found = grubbsLimit(index + 4);
    assert.ok(Math.abs(found - limit) < 6e-5, `n = ${index + 4}: ${found}`);
  });
  // Three values cannot lie farther apart than 1.1547.
  assert.ok(Math.abs(grubbsLimit(3) - 1.1543) < 6e-5);
  assert.equal(outlierOf([1, 1, 1e9]), null);
});

Deno.test("outlierOf() finds the one value that lies apart, on either side", () => {
  const cases: readonly (readonly [readonly number[], number | null])[] = [
    [[100, 101, 99, 100.5, 20], 4],
    [[5, 100, 101, 99, 100.5], 0],
    [[100, 101, 400, 99, 100.5], 2],
    [[100, 101, 99, 100.5, 98], null],
    [[100, 101, 20], null],
    [[7, 7, 7, 7, 7], null],
    [[100, 101, 99, 100.5, 0], null],
    [[], null],
  ];
  for (const [values, expected] of cases) assert.equal(outlierOf(values), expected, String(values));
});
