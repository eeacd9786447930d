import assert from "node:assert/strict";
import { summaryTable } from "../../lib/report/summary_table.ts";
import { type RunSummary, summarise, type Summary } from "../../lib/results/summary.ts";
import type { ExperimentConfig } from "../../lib/experiment/config.ts";
import { configOf } from "../support/plans.ts";

function summaryOf(configs: readonly ExperimentConfig[], runs: readonly Partial<RunSummary>[]): Summary {
  const experiments = configs.map((config, index) => ({ config_hash: String(index), config, n_runs: 3 }));
  const whole = runs.map((run): RunSummary => ({
    config_hash: "0",
    cycle: 1,
    status: "completed",
    duration_s: 1,
    metrics: {},
    energy: null,
    ...run,
  }));
  return summarise({ name: null, study_design_hash: "x", n_cycles: 3, experiments }, whole);
}

Deno.test("summaryTable() shows what varies, the runs and each known metric with its interval", () => {
  const configs = [configOf({ params: { batch: 1 } }), configOf({ params: { batch: 20 } })];
  const table = summaryTable(summaryOf(configs, [
    { metrics: { output_tokens_per_s: 100, ttft_ms: 5 } },
    { cycle: 2, metrics: { output_tokens_per_s: 110 } },
    { cycle: 3, status: "failed" },
    { config_hash: "1", metrics: { output_tokens_per_s: 1234.5678 } },
  ]));
  assert.equal(
    table,
    [
      "batch            runs  output tok/s  TTFT ms",
      "    1  2/3 (1 failed)  105 +- 63.53        5",
      "   20             1/3          1235        -",
      "",
    ].join("\n"),
  );
});

Deno.test("summaryTable() names the models where they differ or nothing else does", () => {
  const row = summaryTable(summaryOf([configOf({ model: "gpt2" })], []));
  assert.equal(row, "model  runs\ngpt2    0/3\n");
  const two = summaryTable(summaryOf([configOf({ model: "a" }), configOf({ model: "b", n: 5 })], []));
  assert.equal(two, "model    n  runs\na      100   0/3\nb        5   0/3\n");
});

Deno.test("summaryTable() shows a worker's own numbers where there are no token metrics, six at most", () => {
  const metrics = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`own_${index}`, index]));
  const [head = ""] = summaryTable(summaryOf([configOf()], [{ metrics }])).split("\n");
  assert.equal(head, "model  runs  own_0  own_1  own_2  own_3  own_4  own_5");
  const tokens = { ...metrics, output_tokens_per_s: 5 };
  const [other = ""] = summaryTable(summaryOf([configOf()], [{ metrics: tokens }])).split("\n");
  assert.equal(other, "model  runs  output tok/s");
});

Deno.test("summaryTable() lets no control character through", () => {
  const configs = [
    configOf({ params: { "a\x1b": "x\x1b[31m" } }),
    configOf({ params: { "a\x1b": "y\n" }, model: "m\x07" }),
  ];
  const table = summaryTable(summaryOf(configs, [{ metrics: { "own\x1b[2J": 1 } }]));
  assert.doesNotMatch(table.replaceAll("\n", ""), /\p{Cc}/u);
  assert.equal(table.split("\n").length, 4);
});

Deno.test("summaryTable() puts the worst verdict of the cycles beside joules", () => {
  const energy = (
    verdict: "resolved" | "marginal" | "unattributable",
    j: number | null,
  ): RunSummary["energy"] => ({
    headline_j: j === null ? null : j * 10,
    uncertainty_j: j === null ? null : j * 0.3,
    j_per_output_token: j,
    method: "nvml_counter",
    verdict,
    verdict_reasons: [],
  });
  const of = (
    verdict: "resolved" | "marginal" | "unattributable",
    j: number | null,
    cycle = 1,
  ): Partial<RunSummary> => ({
    cycle,
    energy: energy(verdict, j),
    metrics: {
      output_tokens: 10,
      output_tokens_per_s: 5,
      j_per_output_token: j,
      energy_j: j === null ? null : j * 10,
    },
  });
  const cell = (...runs: Partial<RunSummary>[]): string | undefined =>
    summaryTable(summaryOf([configOf()], runs)).split("\n")[1]?.split(/ {2,}/).at(-1);
  assert.equal(cell(of("resolved", 2)), "2 +- 0.06 resolved");
  assert.match(cell(of("resolved", 2), of("marginal", 2, 2)) ?? "", /^2 \+- 0\.06 marginal$/);
  assert.equal(cell(of("unattributable", null)), "- unattributable");
  const tokenless = { energy: energy("resolved", 2), metrics: { score: 1, energy_j: 20 } };
  assert.match(summaryTable(summaryOf([configOf()], [tokenless])), /^model {2}runs {2}score +J\n/);
  assert.equal(cell(tokenless), "20 +- 0.6 resolved");
});
