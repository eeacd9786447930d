import assert from "node:assert/strict";
import { Samples } from "../../lib/results/samples.ts";

Deno.test("Samples keeps everything, in order, up to its bound", () => {
  const samples = new Samples();
  for (let value = 0; value < 5000; value++) samples.add(value);
  assert.equal(samples.n, 5000);
  assert.deepEqual([...samples.values], Array.from({ length: 5000 }, (_, index) => index));
});

Deno.test("Samples counts all and keeps a subset of bounded size", () => {
  for (const bound of [1, 10, 300]) {
    const samples = new Samples(bound);
    for (let value = 0; value < 10_000; value++) samples.add(value);
    assert.equal(samples.n, 10_000);
    assert.equal(samples.values.length, bound);
    assert.equal(new Set(samples.values).size, bound);
    assert.ok(samples.values.every((value) => Number.isInteger(value) && value >= 0 && value < 10_000));
  }
});

Deno.test("Samples keeps late values as likely as early ones", () => {
  const samples = new Samples(2000);
  for (let value = 0; value < 100_000; value++) samples.add(value);
  const mean = samples.values.reduce((sum, value) => sum + value, 0) / 2000;
  // The mean of a fair subset is 50 000 with a standard deviation of 645.
  assert.ok(Math.abs(mean - 50_000) < 10 * 645, String(mean));
});

Deno.test("Samples.addAll() is as good as adding one after the other", () => {
  const all = new Samples();
  all.addAll(Array.from({ length: 5000 }, (_, index) => index));
  all.addAll([]);
  assert.deepEqual([all.n, ...all.values], [5000, ...Array.from({ length: 5000 }, (_, index) => index)]);

  // Lists of every length from 0 to 400: the bound is reached, and the next kept one found, in the middle of some.
  const some = new Samples(2000);
  let next = 0;
  for (let length = 0; length <= 400; length++) {
    some.addAll(Array.from({ length }, () => next++));
  }
  assert.equal(some.n, next);
  assert.equal(some.values.length, 2000);
  assert.equal(new Set(some.values).size, 2000);
  const mean = some.values.reduce((sum, value) => sum + value, 0) / 2000;
  // The standard deviation of the mean of a fair subset is next / sqrt(12 * 2000).
  assert.ok(Math.abs(mean - next / 2) < 10 * next / Math.sqrt(24_000), String(mean));
});

Deno.test("Samples has no values before the first", () => {
  const samples = new Samples();
  assert.equal(samples.n, 0);
  assert.equal(samples.values.length, 0);
});
