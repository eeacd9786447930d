import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { adviseRepeats, type EarlierSpread } from "../../lib/plan/advice.ts";
import { adviceLines } from "../../lib/report/until/advice_text.ts";
import { logDeviation } from "../statistics/worked.ts";
import { planOf } from "../study/_tell.ts";

const text = (rest: string): string => `model: m\nbackend: command\ncommand: { argv: [w] }\n${rest}`;
const GRID = planOf(text("sweep: { params.x: [1, 2, 3] }\n"));

const NO_EARLIER_SPREAD: EarlierSpread = { metrics: [], window: null, studies: 0 };

function spreadOf(variation: number, metric = "j_per_output_token", degrees = 8): EarlierSpread {
  return { metrics: [{ metric, deviation: logDeviation(variation), degrees }], window: null, studies: 2 };
}

Deno.test("adviseRepeats() says how many cycles give +-2 % by the scatter of earlier studies", () => {
  // By Student's t on logarithms.
  for (const [variation, cycles] of [[0.01, 4], [0.02, 7], [0.05, 27]] as const) {
    const [advice] = adviseRepeats(GRID, spreadOf(variation)).cycles;
    strictEqual(advice?.for_width, cycles);
    ok(Math.abs((advice?.variation ?? 0) - variation) < 1e-12);
  }
  const two = planOf(text("execution: { n_cycles: 3 }\n"));
  // Two studies of one configuration: 6 of each find 2 % where runs vary by 1 %.
  strictEqual(adviseRepeats(two, spreadOf(0.01)).cycles[0]?.to_decide, 6);
  // Of ten in one study (what five unadjusted would find) by the strictest of the nine tests of a comparison.
  const ten = planOf(text("sweep: { params.x: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }\n"));
  strictEqual(adviseRepeats(ten, spreadOf(0.01)).cycles[0]?.to_decide, 8);
  const [line] = adviceLines(adviseRepeats(two, spreadOf(0.01)), 3);
  strictEqual(
    line,
    "repeats: j_per_output_token varies by 1 % between runs here (2 earlier studies): 4 cycles give +-2 %, " +
      "6 cycles decide a difference of 2 % (this study has 3)",
  );
});

Deno.test("adviseRepeats() tells the metrics of until at their widths, else joules and speed, else a worker's own", () => {
  const open = planOf(text("execution: { until: { score: 1% } }\n"));
  const all = ["output_tokens_per_s", "j_per_output_token", "score"].flatMap((metric) =>
    spreadOf(0.02, metric).metrics
  );
  const spread = { ...NO_EARLIER_SPREAD, metrics: all, studies: 1 };
  const told = (plan: typeof open, of: EarlierSpread): unknown[] =>
    adviseRepeats(plan, of).cycles.map(({ metric, for_width }) => [metric, for_width]);
  deepStrictEqual(told(open, spread), [["score", 18]]);
  deepStrictEqual(told(GRID, spread), [["j_per_output_token", 7], ["output_tokens_per_s", 7]]);
  deepStrictEqual(told(GRID, spreadOf(0.02, "score")), [["score", 7]]);
  deepStrictEqual(told(open, spreadOf(0.02)), []);
});

Deno.test("adviseRepeats() is silent where little is known", () => {
  deepStrictEqual(adviseRepeats(GRID, NO_EARLIER_SPREAD), { cycles: [], window: null });
  deepStrictEqual(adviseRepeats(GRID, spreadOf(0.02, "score", 3)).cycles, []);
  deepStrictEqual(adviseRepeats(GRID, spreadOf(0)).cycles, []);
});

Deno.test("adviseRepeats() says how long a window uses the time best, and where only more runs help", () => {
  const window = (passes_s: readonly (readonly number[])[]): unknown => {
    const { window } = adviseRepeats(GRID, { ...NO_EARLIER_SPREAD, window: { passes_s, run_s: 40 } });
    return window === null ? null : [window.passes, window.best_passes];
  };
  // Runs that differ more than their passes do.
  deepStrictEqual(window([[10, 11, 9, 10], [12, 13, 12, 13], [8, 9, 8, 7]]), [4, 1]);
  // Runs that add nothing.
  deepStrictEqual(window([[10, 11, 9, 10], [10, 9, 11, 10], [11, 10, 9, 10]]), [4, null]);
  deepStrictEqual(window([[10, 11, 9, 10], [12, 13, 12, 13]]), null);
  deepStrictEqual(window([[10, 11], [12, 13], [9, 9]]), null);
});
