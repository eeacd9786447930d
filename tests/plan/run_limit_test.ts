import { strictEqual } from "node:assert/strict";
import { runLimitSeconds } from "../../lib/plan/run_limit.ts";

const LIMITS:
  readonly (readonly [n: number, given: number | null, minSeconds: number | null, limit: number])[] = [
    [100, null, null, 600],
    [300, null, null, 600],
    [301, null, null, 602],
    [1000, null, null, 2000],
    [1000, 5, null, 5],
    [1, 2_592_000, null, 2_592_000],
    [100, null, 3600, 4200],
    [100, 30, 3600, 30],
  ];

for (const [n, given, minSeconds, limit] of LIMITS) {
  Deno.test(`runLimitSeconds() is ${limit} for ${n} prompts, ${given} given, at least ${minSeconds} s`, () => {
    const config = { n, dataset: "aienergyscore", measure: { min_seconds: minSeconds } };
    strictEqual(runLimitSeconds(config, { experiment_timeout_seconds: given }), limit);
  });
}

Deno.test("runLimitSeconds() counts a synthetic dataset's own prompts", () => {
  const dataset = { n: 900, input_len: 1, output_len: 1, seed: 1 };
  const config = { n: 1, dataset, measure: { min_seconds: null } };
  strictEqual(runLimitSeconds(config, { experiment_timeout_seconds: null }), 1800);
});
