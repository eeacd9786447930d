import assert from "node:assert/strict";
import { pooledRatio, pooledSpread } from "../../lib/statistics/pooled_ratio.ts";
import { Random } from "../support/random.ts";
import { JOULES_A, JOULES_B, JOULES_C, JOULES_D, logNormal, near, pairs } from "./worked.ts";

Deno.test("pooledSpread() takes one deviation for the grid, with the degrees of all of its rows", () => {
  const found = pooledSpread([JOULES_A, JOULES_B, JOULES_C, JOULES_D]);
  near(found?.deviation, 0.003997202126);
  assert.equal(found?.degrees, 12);
  assert.ok(found?.allowed);
  const [b, d] = [JOULES_B, JOULES_D].map((row) => pooledRatio(pairs(JOULES_A, row), found));
  near(b?.ratio, 0.9679034531);
  near(b?.low, 0.9625867484);
  near(b?.high, 0.9732495238);
  near(d?.ratio, 0.9955970023);
  near(d?.low, 0.9901281766);
  near(d?.high, 1.0010960342);
  near(d?.p, 0.1064245, 5e-7);
  const alone = pooledSpread([JOULES_A, JOULES_D]);
  assert.ok(alone);
  near(pooledRatio(pairs(JOULES_A, JOULES_D), alone)?.p, 0.2097198, 5e-7);
});

Deno.test("pooledRatio() of two rows is the ratio by pairs, whichever is the baseline", () => {
  const found = pooledSpread([JOULES_B, JOULES_A]);
  assert.ok(found);
  const ratio = pooledRatio(pairs(JOULES_A, JOULES_B), found);
  near(ratio?.low, 0.9624521124);
  near(ratio?.high, 0.9733856703);
  near(pooledRatio(pairs(JOULES_B, JOULES_A), found)?.low, 1 / 0.9733856703);
  near(found.unevenness, 1);
});

Deno.test("pooledSpread() says where rows differ too much in spread to share one", () => {
  const calm = [[100, 101, 100, 99, 100], [50, 50.4, 50.1, 49.6, 50], [70, 70.5, 70.2, 69.2, 70.1]];
  assert.ok(pooledSpread(calm)?.allowed);
  assert.equal(pooledSpread([...calm, [100, 140, 80, 120, 70]])?.allowed, false);
});

Deno.test("pooledSpread() pools rows that only chance makes uneven, as it does of few cycles", () => {
  const random = new Random(17);
  const share = (rows: number, cycles: number, deviationOf: (row: number) => number): number => {
    const pooled = Array.from({ length: 200 }, () => {
      const values = Array.from({ length: rows }, (_, row) => logNormal(random, deviationOf(row), cycles));
      return pooledSpread(values)?.allowed;
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

Deno.test("pooledRatio() of equal values is 1 for sure, and of numbers that are none is null", () => {
  const rows = [[2, 2, 2], [2, 2, 2], [3, 3, 3]] as const;
  const same = pooledSpread(rows);
  assert.ok(same);
  const [one, more] = [rows[1], rows[2]].map((row) => pooledRatio(pairs(rows[0], row), same));
  assert.deepEqual([one?.low, one?.high, one?.p], [1, 1, 1]);
  near(more?.low, 1.5);
  assert.deepEqual([more?.p, same.unevenness, same.allowed], [0, 1, true]);
  // Rows that move as one: what is left of their spread is rounding.
  const alike = pooledSpread([[1, 2, 3], [1.1, 2.2, 3.3], [0.7, 1.4, 2.1]]);
  assert.equal(alike?.allowed, true);
  for (const none of [[], [[1, 2]], [[1], [2]], [[1, 2], [1, 2, 3]], [[1, 2], [0, 1]], [[1, 2], [NaN, 1]]]) {
    assert.equal(pooledSpread(none), null);
  }
  for (const none of [[], [[1, 2]], [[1, 2], [0, 1]], [[1, 2], [NaN, 1]]] as const) {
    assert.equal(pooledRatio(none, same), null);
  }
});
