import assert from "node:assert/strict";
import { predictionInterval } from "../../lib/statistics/prediction.ts";
import { near } from "./worked.ts";

/** Joules a token of one configuration in eight studies. */
const HISTORY = [0.2310, 0.2321, 0.2298, 0.2335, 0.2316, 0.2307, 0.2329, 0.2312];

Deno.test("predictionInterval() holds one more study of the same kind", () => {
  const found = predictionInterval(HISTORY);
  near(found?.low, 0.2286026399);
  near(found?.high, 0.2346311305);
  const wider = predictionInterval(HISTORY, 0.99);
  near(wider?.low, 0.2271792028);
  near(wider?.high, 0.2361012591);
});

Deno.test("predictionInterval() has the factor of printed tables", () => {
  // A mean of 100 and a deviation of 10 of 25 values, on logarithms: one in 22 or so lies above 121.46.
  const shape = Array.from({ length: 25 }, (_, index) => index - 12);
  const deviation = Math.sqrt(shape.reduce((sum, value) => sum + value ** 2, 0) / 24);
  const found = predictionInterval(shape.map((value) => Math.exp(100 + 10 * value / deviation)), 0.954);
  near(Math.log(found?.high ?? NaN), 121.4609, 5e-7);
});

Deno.test("predictionInterval() of equal values is that value, and of too few is none", () => {
  const same = predictionInterval([3, 3, 3]);
  near(same?.low, 3);
  near(same?.high, 3);
  assert.deepEqual([predictionInterval([1]), predictionInterval([1, 0]), predictionInterval([])], [
    null,
    null,
    null,
  ]);
});
