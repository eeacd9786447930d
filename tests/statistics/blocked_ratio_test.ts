import assert from "node:assert/strict";
import { blockedRatio } from "../../lib/statistics/blocked_ratio.ts";
import { pairedRatio, unpairedRatio } from "../../lib/statistics/ratio.ts";
import { varianceComponent } from "../../lib/statistics/variance_component.ts";
import { Random } from "../support/random.ts";
import { JOULES_A, JOULES_B, logNormal, near, pairs } from "./worked.ts";

Deno.test("blockedRatio() with one value a side in each block is the paired ratio", () => {
  const found = blockedRatio(JOULES_A.map((a, place) => ({ a: [a], b: [JOULES_B[place] ?? NaN] })));
  const paired = pairedRatio(pairs(JOULES_A, JOULES_B));
  near(found?.ratio, paired?.ratio ?? NaN);
  near(found?.error, paired?.error ?? NaN);
  assert.equal(found?.degrees, 4);
});

Deno.test("blockedRatio() weighs blocks by their values, and agrees with least squares by hand", () => {
  // y = block + side: block differences 0.1 (2 and 2 values, weight 1) and 0.2 (1 and 1, weight 0.5).
  const values = (logs: readonly number[]): number[] => logs.map(Math.exp);
  const found = blockedRatio([
    { a: values([1, 1.02]), b: values([1.1, 1.12]) },
    { a: values([3]), b: values([3.2]) },
  ]);
  near(found?.difference, (0.1 + 0.5 * 0.2) / 1.5, 1e-9);
  // Residual squares: 2 x 0.0002 within, and weights times squared distances of the block differences.
  const squares = 4 * 0.01 ** 2 + (0.1 - 2 / 15) ** 2 + 0.5 * (0.2 - 2 / 15) ** 2;
  near(found?.error, Math.sqrt(squares / 3 / 1.5), 1e-9);
  assert.deepEqual([found?.degrees, found?.n], [3, [3, 3]]);
  assert.equal(blockedRatio([{ a: [1], b: [1] }]), null, "one block is no blocks");
  assert.equal(blockedRatio([{ a: [1], b: [1] }, { a: [1], b: [] }]), null);
});

Deno.test("blockedRatio() is free of what boards differ by, where all runs in one heap are not", () => {
  const random = new Random(18);
  let [blocked, heaped] = [0, 0];
  for (let study = 0; study < 300; study++) {
    const boards = logNormal(random, 0.03, 4);
    const noisy = (board: number, count: number): number[] =>
      logNormal(random, 0.005, count).map((x) => x * board);
    const blocks = boards.map((board) => ({ a: noisy(board, 2), b: noisy(board * 1.01, 2) }));
    const found = blockedRatio(blocks);
    if (found !== null && found.p < 0.05 && found.ratio > 1) blocked += 1;
    const heap = unpairedRatio(blocks.flatMap(({ a }) => a), blocks.flatMap(({ b }) => b));
    if (heap !== null && heap.p < 0.05) heaped += 1;
  }
  assert.ok(blocked > 270 && heaped < 30, `${blocked} and ${heaped} of 300 find 1 %`);
});

Deno.test("varianceComponent() is the textbook's one-way analysis, and takes chance out", () => {
  // Groups 1, 2 | 4, 5 | 7, 8: MSA 18, MSE 0.5, group size 2.
  const found = varianceComponent([[1, 2], [4, 5], [7, 8]]);
  near(found?.between, Math.sqrt((18 - 0.5) / 2));
  near(found?.within, Math.sqrt(0.5));
  assert.equal(varianceComponent([[1, 3], [1, 3]])?.between, 0, "no more than chance");
  assert.deepEqual(varianceComponent([[1], [3]]), { groups: 2, between: Math.SQRT2, within: null });
  assert.equal(varianceComponent([[1, 2], []]), null);
});
