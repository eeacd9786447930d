import assert from "node:assert/strict";
import { distribution } from "../../lib/statistics/distribution.ts";
import { Random } from "../support/random.ts";

Deno.test("distribution() agrees with hand-made values", () => {
  const cases: readonly (readonly [samples: readonly number[], expected: readonly number[]])[] = [
    // mean, median, p90, p95, p99, min, max
    [[5], [5, 5, 5, 5, 5, 5, 5]],
    [[0], [0, 0, 0, 0, 0, 0, 0]],
    [[1, 3], [2, 2, 2.8, 2.9, 2.98, 1, 3]],
    [[3, 1, 2], [2, 2, 2.8, 2.9, 2.98, 1, 3]],
    // numpy.percentile(range(1, 11), [50, 90, 95, 99])
    [[10, 9, 8, 7, 6, 5, 4, 3, 2, 1], [5.5, 5.5, 9.1, 9.55, 9.91, 1, 10]],
    // Numbers sort as numbers, not as text.
    [[100, 20, 3], [41, 20, 84, 92, 98.4, 3, 100]],
    [[-1, 1], [0, 0, 0.8, 0.9, 0.98, -1, 1]],
    // A sum beyond the range of a number.
    [[1.7e308, 1.7e308], [1.7e308, 1.7e308, 1.7e308, 1.7e308, 1.7e308, 1.7e308, 1.7e308]],
  ];
  for (const [samples, expected] of cases) {
    const found = distribution(Float64Array.from(samples));
    assert.ok(found !== null);
    const { mean, median, p90, p95, p99, min, max, n } = found;
    const values = [mean, median, p90, p95, p99, min, max];
    values.forEach((value, index) =>
      assert.ok(Math.abs(value - (expected[index] ?? NaN)) < 1e-9, `${samples}: ${values}`)
    );
    assert.equal(n, samples.length);
  }
});

Deno.test("distribution() is null where there are no samples: absent is never 0", () => {
  assert.equal(distribution(new Float64Array()), null);
  assert.equal(distribution(new Float64Array(), 7), null);
});

Deno.test("distribution() counts what was offered and leaves the samples as they were", () => {
  const samples = Float64Array.of(2, 1);
  assert.equal(distribution(samples, 1000)?.n, 1000);
  assert.deepEqual(samples, Float64Array.of(2, 1));
});

Deno.test("distribution() keeps its percentiles in order and within the samples", () => {
  const random = new Random(5);
  for (let round = 0; round < 200; round++) {
    const samples = Float64Array.from({ length: random.integer(1, 300) }, () => random.next() * 1000);
    const found = distribution(samples);
    assert.ok(found !== null);
    const steps = [found.min, found.median, found.p90, found.p95, found.p99, found.max];
    assert.deepEqual(steps, steps.toSorted((one, other) => one - other));
    assert.ok(found.mean >= found.min && found.mean <= found.max);
  }
});
