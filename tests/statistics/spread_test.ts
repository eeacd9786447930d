import assert from "node:assert/strict";
import { spread } from "../../lib/statistics/spread.ts";

Deno.test("spread() is null where no repeat gave the metric", () => assert.equal(spread([]), null));

Deno.test("spread() of one repeat has no deviation and no interval", () => {
  assert.deepEqual(spread([5]), {
    mean: 5,
    std: null,
    ci95: null,
    min: 5,
    max: 5,
    n: 1,
    median: 5,
    geomean: null,
    low95: null,
    high95: null,
    relative95: null,
    interval: null,
  });
});

Deno.test("spread() gives the sample standard deviation", () => {
  const found = spread([2, 4, 4, 4, 5, 5, 7, 9]);
  assert.equal(found?.mean, 5);
  assert.ok(Math.abs((found?.std ?? 0) - Math.sqrt(32 / 7)) < 1e-12);
  assert.deepEqual([found?.min, found?.max, found?.n], [2, 9, 8]);
  const same = spread([3, 3, 3]);
  assert.deepEqual([same?.mean, same?.std, same?.ci95, same?.min, same?.max, same?.n], [3, 0, 0, 3, 3, 3]);
  assert.deepEqual([same?.median, same?.relative95], [3, 0]);
});

Deno.test("spread() of equal values has an interval of that value alone", () => {
  for (const value of [5, 0.1, 68.1, 1 / 3, 1e-5, 1.7e308]) {
    for (const n of [2, 3, 7]) {
      const found = spread(Array.from({ length: n }, () => value));
      const ends = [found?.mean, found?.geomean, found?.low95, found?.high95];
      assert.deepEqual(ends, [value, value, value, value], String(value));
      assert.deepEqual([found?.std, found?.relative95], [0, 0]);
    }
  }
});

Deno.test("spread() keeps its means within the values, however large", () => {
  const cases = [[1.7e308, 1.6e308, 1.7e308], [1e308, -1e308], [-1.7e308, -1.7e308, -1.6e308], [
    68.1,
    68.1,
    68.1 + 2 ** -46,
  ]];
  for (const values of cases) {
    const found = spread(values);
    assert.ok(found !== null);
    const { mean, median, geomean, low95, high95, min, max } = found;
    for (const middle of [mean, median, geomean ?? mean]) {
      assert.ok(middle >= min && middle <= max, `${values}`);
    }
    assert.ok((low95 ?? mean) <= (geomean ?? mean) && (geomean ?? mean) <= (high95 ?? mean));
    assert.ok(Number.isFinite(found.std));
  }
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

Deno.test("spread() has the median, and the interval on logarithms where every value is positive", () => {
  const found = spread([1, 10, 100, 1000]);
  assert.equal(found?.median, 55);
  assert.ok(Math.abs((found?.geomean ?? NaN) - 10 ** 1.5) < 1e-9);
  assert.ok((found?.low95 ?? NaN) > 0 && (found?.high95 ?? NaN) > 1000);
  const mixed = spread([0, 1, 2]);
  assert.deepEqual([mixed?.median, mixed?.geomean, mixed?.relative95], [1, null, null]);
  assert.deepEqual([found?.interval, mixed?.interval], ["log", "plain"]);
  // A rate of which one is 0 is no less than that; a difference may be.
  assert.equal(mixed?.low95, 0);
  assert.ok(Math.abs((mixed?.high95 ?? NaN) - 3.4841377117503) < 1e-9);
  assert.ok(Math.abs((spread([-1, 0, 1])?.low95 ?? NaN) + 2.4841377117503) < 1e-9);
});
