import assert from "node:assert/strict";
import { pooledRatios } from "../../lib/statistics/pooled_ratio.ts";
import { Random } from "../support/random.ts";
import { JOULES_A, JOULES_B, JOULES_C, JOULES_D, logNormal, near } from "./worked.ts";

Deno.test("pooledRatios() takes one deviation for the grid, with the degrees of all of its rows", () => {
  const found = pooledRatios([JOULES_A, JOULES_B, JOULES_C, JOULES_D], 0);
  near(found?.deviation, 0.003997202126);
  assert.equal(found?.degrees, 12);
  assert.ok(found?.allowed);
  const [own, b, , d] = found.ratios;
  assert.equal(own, null);
  near(b?.ratio, 0.9679034531);
  near(b?.low, 0.9625867484);
  near(b?.high, 0.9732495238);
  near(d?.ratio, 0.9955970023);
  near(d?.low, 0.9901281766);
  near(d?.high, 1.0010960342);
  near(d?.p, 0.1064245, 5e-7);
  near(pooledRatios([JOULES_A, JOULES_D], 0)?.ratios[1]?.p, 0.2097198, 5e-7);
});

Deno.test("pooledRatios() of two rows is the ratio by pairs, whichever is the baseline", () => {
  const found = pooledRatios([JOULES_B, JOULES_A], 1);
  near(found?.ratios[0]?.low, 0.9624521124);
  near(found?.ratios[0]?.high, 0.9733856703);
  assert.equal(found?.ratios[1], null);
  near(found?.unevenness, 1);
});

Deno.test("pooledRatios() says where rows differ too much in spread to share one", () => {
  const calm = [[100, 101, 100, 99, 100], [50, 50.4, 50.1, 49.6, 50], [70, 70.5, 70.2, 69.2, 70.1]];
  assert.ok(pooledRatios(calm, 0)?.allowed);
  assert.equal(pooledRatios([...calm, [100, 140, 80, 120, 70]], 0)?.allowed, false);
});

Deno.test("pooledRatios() pools rows that only chance makes uneven, as it does of few cycles", () => {
  const random = new Random(17);
  const share = (rows: number, cycles: number, deviationOf: (row: number) => number): number => {
    const pooled = Array.from({ length: 200 }, () => {
      const values = Array.from({ length: rows }, (_, row) => logNormal(random, deviationOf(row), cycles));
      return pooledRatios(values, 0)?.allowed;
    });
    return pooled.filter((allowed) => allowed === true).length / pooled.length;
  };
  assert.ok(share(10, 5, () => 0.02) > 0.88, "of one spread");
  assert.ok(share(30, 3, () => 0.02) > 0.85, "of one spread, many rows, few cycles");
  assert.ok(share(10, 5, (row) => row === 3 ? 0.2 : 0.02) < 0.05, "one row ten times as noisy");
  assert.ok(share(10, 5, (row) => row % 2 === 0 ? 0.2 : 0.02) < 0.1, "every other row ten times as noisy");
  // Its noise is in the residuals of the others: among three rows it looks but twice as uneven as they do.
  assert.ok(share(3, 5, (row) => row === 2 ? 0.4 : 0.02) < 0.1, "one of three twenty times as noisy");
});

Deno.test("pooledRatios() of equal values is 1 for sure, and of numbers that are none is null", () => {
  const same = pooledRatios([[2, 2, 2], [2, 2, 2], [3, 3, 3]], 0);
  assert.deepEqual([same?.ratios[1]?.low, same?.ratios[1]?.high, same?.ratios[1]?.p], [1, 1, 1]);
  near(same?.ratios[2]?.low, 1.5);
  assert.deepEqual([same?.ratios[2]?.p, same?.unevenness, same?.allowed], [0, 1, true]);
  // Rows that move as one: what is left of their spread is rounding.
  const alike = pooledRatios([[1, 2, 3], [1.1, 2.2, 3.3], [0.7, 1.4, 2.1]], 0);
  assert.equal(alike?.allowed, true);
  for (const rows of [[], [[1, 2]], [[1], [2]], [[1, 2], [1, 2, 3]], [[1, 2], [0, 1]], [[1, 2], [NaN, 1]]]) {
    assert.equal(pooledRatios(rows, 0), null);
  }
  assert.equal(pooledRatios([[1, 2], [1, 2]], 2), null);
});
