import assert from "node:assert/strict";
import { Random } from "./random.ts";
import { mixedPairs, sampleOf } from "./sampled.ts";

Deno.test("sampleOf() takes one of every stretch, the same by the same seed, and any of them by some seed", () => {
  const items = Array.from({ length: 25 }, (_, index) => index);
  const taken = new Set<number>();
  for (let seed = 0; seed < 100; seed++) {
    const sample = sampleOf(items, 10, new Random(seed));
    assert.deepEqual(sampleOf(items, 10, new Random(seed)), sample);
    assert.equal(sample.length, 10);
    for (const [index, item] of sample.entries()) {
      assert.ok(item >= Math.floor(2.5 * index) && item < Math.floor(2.5 * (index + 1)), String(sample));
      taken.add(item);
    }
  }
  assert.equal(taken.size, items.length);
});

Deno.test("mixedPairs() takes every row once, every column as often as the others, every pair by some seed", () => {
  const [rows, columns] = [["a", "b", "c", "d", "e", "f"], [1, 2, 3]];
  const pairs = new Set<string>();
  for (const first of [0, 1, 2]) {
    const mixed = mixedPairs(rows, columns, first);
    assert.deepEqual(mixed.map(([row]) => row), rows);
    for (const column of columns) assert.equal(mixed.filter(([, each]) => each === column).length, 2);
    for (const pair of mixed) pairs.add(pair.join(""));
  }
  assert.equal(pairs.size, rows.length * columns.length);
});
