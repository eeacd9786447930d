import assert from "node:assert/strict";
import {
  ONE_SAMPLE,
  pooledDesign,
  runsForWidth,
  runsToDecide,
  runsToDetect,
  TWO_SAMPLES,
  USUAL_DECISION,
} from "../../lib/statistics/needed.ts";
import { tQuantile } from "../../lib/base/student_t.ts";
import { logDeviation, near } from "./worked.ts";

Deno.test("runsForWidth() gives the runs for an interval of one setting, and of a ratio of two", () => {
  const table = [
    [0.01, "18/33 7/10 4/4 3/2"],
    [0.02, "65/125 18/33 7/10 4/3"],
    [0.05, "389/773 100/195 27/51 7/10"],
  ] as const;
  for (const [variation, expected] of table) {
    const deviation = logDeviation(variation);
    const found = [0.005, 0.01, 0.02, 0.05].map((width) =>
      `${runsForWidth(deviation, width)}/${runsForWidth(deviation, width, TWO_SAMPLES)}`
    );
    assert.equal(found.join(" "), expected, `CV ${variation}`);
  }
  assert.equal(runsForWidth(0, 0.01), 2);
  assert.equal(runsForWidth(1, 1e-6), null, "more than anybody makes");
  assert.equal(runsForWidth(NaN, 0.01), null);
});

Deno.test("the half width of a mean in standard deviations, by the number of runs", () => {
  const expected = [2.4841, 1.5912, 1.2417, 1.0494, 0.9248, 0.8360, 0.7687, 0.7154];
  expected.forEach((half, index) => near(tQuantile(0.975, index + 2) / Math.sqrt(index + 3), half, 1e-4));
});

Deno.test("runsToDetect() takes six runs a side to see 2 % at a variation of 1 %", () => {
  const [effect, deviation] = [Math.log(1.02), logDeviation(0.01)];
  assert.equal(runsToDetect(effect, deviation, TWO_SAMPLES), 6);
  assert.equal(runsToDetect(-effect, deviation, TWO_SAMPLES), 6, "whichever way");
  assert.equal(runsToDetect(0, deviation, TWO_SAMPLES), null);
  assert.equal(runsToDetect(1e-9, deviation, TWO_SAMPLES), null);
  assert.equal(runsToDetect(effect, 0, TWO_SAMPLES), 2);
  // What the whole grid knows of the spread saves runs; a stricter test costs some.
  const pooled = runsToDetect(effect, deviation, pooledDesign(10)) ?? NaN;
  const strict = runsToDetect(effect, deviation, pooledDesign(10), { alpha: 0.05 / 9, power: 0.8 }) ?? NaN;
  assert.deepEqual([pooled, strict], [5, 8]);
});

Deno.test("runsToDecide() finds the cheaper of a difference and no difference worth a word", () => {
  // Undecided by four pairs: a ratio of 1.0174 that scatters by 3.3 %.
  const undecided = { difference: Math.log(1.0174036767), error: 0.0165182 };
  const needed = runsToDecide(undecided, 4, ONE_SAMPLE) ?? NaN;
  assert.equal(needed, runsToDetect(undecided.difference, 2 * undecided.error, ONE_SAMPLE));
  assert.equal(needed, 31);
  // Nothing there: the interval has to shrink into the margin.
  const nothing = runsToDecide({ difference: 0, error: 0.01 }, 5, TWO_SAMPLES);
  assert.equal(nothing, 12);
  // At the margin itself neither would ever be told apart but by the difference from 1.
  const limit = runsToDecide({ difference: Math.log(1.02), error: 0.01 }, 5, TWO_SAMPLES);
  assert.equal(limit, runsToDetect(Math.log(1.02), 0.01 * Math.sqrt(2.5), TWO_SAMPLES));
  // Of no spread two runs are enough, wherever the ratio lies.
  assert.equal(runsToDecide({ difference: 0, error: 0 }, 3, ONE_SAMPLE), 2);
  assert.equal(
    runsToDecide({ difference: 0, error: 9 }, 3, ONE_SAMPLE, { ...USUAL_DECISION, margin: 0.001 }),
    null,
  );
});

Deno.test("runsToDecide() leaves an error that repeats do not show as it is", () => {
  // Two boards whose sensors differ by up to 5 % each: +4.5 % of joules lies below what they resolve, whatever the repeats.
  const common = 0.05 / Math.sqrt(3) * Math.SQRT2;
  const undecided = { difference: Math.log(1.045), error: Math.hypot(0.005, common), common };
  assert.equal(runsToDecide(undecided, 3, TWO_SAMPLES), null);
  // +9 % lies just beyond: 1.96 times the common error is 8.33 %.
  const beyond = { ...undecided, difference: Math.log(1.09), error: Math.hypot(0.02, common) };
  assert.equal(runsToDecide(beyond, 3, TWO_SAMPLES), 32);
  assert.equal(
    runsToDecide({ ...beyond, error: common }, 3, TWO_SAMPLES),
    2,
    "only the common error is left",
  );
  // A small one costs a run or so.
  const alike = { difference: Math.log(1.0174036767), error: Math.hypot(0.0165182, 0.002), common: 0.002 };
  assert.equal(runsToDecide(alike, 4, ONE_SAMPLE), 33);
});
