/** Percentiles with failures, and LoadGen's bound. */
import assert from "node:assert/strict";
import { randomFrom } from "../../lib/base/random.ts";
import { certifiedRank, mostMisses } from "../../lib/statistics/certified.ts";
import { latencyPercentiles } from "../../lib/statistics/percentiles.ts";

Deno.test("it takes 64 requests to certify p90, 662 for p99, 6,636 for p99.9, and 459 without a miss to prove 99 %", () => {
  const fewest = (fraction: number, misses: number): number => {
    let n = 1;
    while (mostMisses(n, fraction) < misses) n += 1;
    return n;
  };
  assert.equal(fewest(0.9, 1), 64);
  assert.equal(fewest(0.99, 1), 662);
  assert.equal(fewest(0.99, 0), 459);
  assert.deepEqual([certifiedRank(6635, 0.999), certifiedRank(6636, 0.999)], [null, 1]);
  assert.deepEqual([mostMisses(0, 0.9), mostMisses(50, 1), mostMisses(50, 0)], [-1, -1, 50]);
});

Deno.test("the misses allowed are those of the exact binomial distribution", () => {
  /** P(at most k of n), term by term from Pascal's triangle. */
  const atMost = (k: number, n: number, miss: number): number => {
    const row = new Float64Array(k + 1);
    row[0] = 1;
    for (let trial = 0; trial < n; trial++) {
      for (let hits = k; hits >= 0; hits--) {
        row[hits] = (row[hits] ?? 0) * (1 - miss) + (row[hits - 1] ?? 0) * miss;
      }
    }
    return row.reduce((sum, share) => sum + share, 0);
  };
  for (const share of [0.5, 0.9, 0.95, 0.99]) {
    for (const n of [1, 10, 64, 200, 700]) {
      const misses = mostMisses(n, share);
      if (misses >= 0) assert.ok(atMost(misses, n, 1 - share) <= 0.01, `${n} ${share}`);
      assert.ok(atMost(misses + 1, n, 1 - share) > 0.01, `${n} ${share}`);
    }
  }
  // Far out, where single terms would underflow: close to the normal approximation.
  assert.ok(Math.abs(mostMisses(1_000_000, 0.9) - (100_000 - 2.326 * 300)) < 3);
});

Deno.test("a certified percentile is below the true one in no more than one run of a hundred", () => {
  const random = randomFrom(99);
  let below = 0;
  const runs = 1500;
  for (let run = 0; run < runs; run++) {
    const latencies = Array.from({ length: 100 }, () => random() / 2 ** 32);
    const { p90 } = latencyPercentiles(latencies, 0).certified;
    if (p90 !== null && p90 < 0.9) below += 1;
  }
  assert.ok(below / runs < 0.02, `${below} of ${runs}`);
});

Deno.test("percentiles of successes leave failures out, those of all end among them", () => {
  const latencies = Array.from({ length: 91 }, (_, index) => 90 - index);
  const {
    of_successes,
    of_all,
    of_all_infinite,
    certified,
    certified_infinite,
    certified_too_few,
    succeeded,
    failed,
  } = latencyPercentiles(latencies, 10);
  assert.deepEqual([succeeded, failed], [91, 10]);
  assert.deepEqual([of_successes.p50, of_successes.p90], [45, 81]);
  assert.deepEqual([of_all.p50, of_all.p90, of_all.p99], [50, 90, null]);
  assert.deepEqual(of_all_infinite, ["p95", "p99", "p99_9"]);
  assert.equal(certified.p50, sortedAt(latencies, 101 - (certifiedRank(101, 0.5) ?? 0)));
  assert.deepEqual([certified_infinite, certified_too_few], [["p90"], ["p95", "p99", "p99_9"]]);
  // 250 of 256 fail: the six that did not look fine.
  const bad = latencyPercentiles([1, 1, 1, 1, 1, 1], 250);
  assert.deepEqual([bad.of_successes.p95, bad.of_all.p50, bad.of_all_infinite.length], [1, null, 5]);
});

function sortedAt(values: readonly number[], index: number): number | undefined {
  return values.toSorted((one, other) => one - other)[index];
}

Deno.test("of no requests, and of failed ones alone, nothing is a number", () => {
  const none = latencyPercentiles([], 0);
  assert.deepEqual(Object.values(none.of_all), [null, null, null, null, null]);
  assert.deepEqual([none.of_all_infinite, none.certified_infinite, none.certified_too_few.length], [
    [],
    [],
    5,
  ]);
  const failed = latencyPercentiles([], 700);
  assert.deepEqual([failed.of_successes.p50, failed.of_all_infinite.length], [null, 5]);
  assert.deepEqual(failed.certified_infinite, ["p50", "p90", "p95", "p99"]);
  assert.equal(latencyPercentiles([3], 0).of_all.p99_9, 3);
  // Exactly at the last success: not yet infinite.
  assert.equal(latencyPercentiles(Array.from({ length: 10 }, (_, index) => index), 1).of_all.p90, 9);
});
