import assert from "node:assert/strict";
import { spread } from "../../lib/results/spread.ts";

Deno.test("spread() is null where no repeat gave the metric", () => assert.equal(spread([]), null));

Deno.test("spread() of one repeat has no deviation and no interval", () => {
  assert.deepEqual(spread([5]), { mean: 5, std: null, ci95: null, min: 5, max: 5, n: 1 });
});

Deno.test("spread() gives the sample standard deviation", () => {
  const found = spread([2, 4, 4, 4, 5, 5, 7, 9]);
  assert.equal(found?.mean, 5);
  assert.ok(Math.abs((found?.std ?? 0) - Math.sqrt(32 / 7)) < 1e-12);
  assert.deepEqual([found?.min, found?.max, found?.n], [2, 9, 8]);
  assert.deepEqual(spread([3, 3, 3]), { mean: 3, std: 0, ci95: 0, min: 3, max: 3, n: 3 });
});

Deno.test("spread() uses Student's t with n - 1 degrees of freedom", () => {
  // The 97.5 % quantiles of printed tables.
  const quantiles: readonly (readonly [n: number, t: number])[] = [
    [2, 12.7062],
    [3, 4.3027],
    [4, 3.1824],
    [5, 2.7764],
    [6, 2.5706],
    [10, 2.2622],
    [11, 2.2281],
    [31, 2.0423],
    [101, 1.984],
  ];
  for (const [n, t] of quantiles) {
    const values = Array.from({ length: n }, (_, index) => index % 2);
    const found = spread(values);
    assert.ok(found !== null && found.std !== null && found.ci95 !== null);
    const quantile = found.ci95 * Math.sqrt(n) / found.std;
    assert.ok(Math.abs(quantile - t) < 0.00006, `n = ${n}: ${quantile}`);
  }
});
