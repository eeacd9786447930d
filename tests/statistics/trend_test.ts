import assert from "node:assert/strict";
import { trendOf } from "../../lib/statistics/trend.ts";
import { near } from "./worked.ts";

Deno.test("trendOf() is Kendall's test against the order, exact without ties", () => {
  const found = trendOf([14.1, 14.3, 14.2, 14.6, 14.5, 14.9]);
  near(found?.tau, 0.7333, 5e-5);
  near(found?.p, 0.055556, 1e-5);
  const falling = trendOf([14.9, 14.5, 14.6, 14.2, 14.3, 14.1]);
  near(falling?.tau, -11 / 15);
  near(falling?.p, 1 / 18);
});

Deno.test("trendOf() agrees with SciPy on many values, and on ties", () => {
  const many = trendOf(Array.from({ length: 50 }, (_, i) => (i * 37) % 61 + i / 9));
  near(many?.tau, 0.1036734693877551);
  near(many?.p, 0.29354486974018196);
  const tied = trendOf([3, 1, 2, 2, 5, 4, 4, 7]);
  near(tied?.tau, 0.5929994533288809);
  near(tied?.p, 0.04437842734548687, 1e-6);
  assert.deepEqual([trendOf([1, 2]), trendOf([]), trendOf([5, 5, 5, 5])], [null, null, null]);
  assert.equal(trendOf([2, 1, 3, 4, 0])?.p, 1, "a score of 0");
});
