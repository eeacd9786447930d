import assert from "node:assert/strict";
import { readStudy } from "../../lib/archive/read_study.ts";
import { endText } from "../../lib/report/verdict/end_text.ts";
import { type EndedStudy, studyVerdict } from "../../lib/report/verdict/study_verdict.ts";
import { compareStudies } from "../../lib/results/compare/compare.ts";
import { type RunSummary, summarise } from "../../lib/results/summary.ts";
import "../support/libc.ts";
import { configOf } from "../support/plans.ts";
import { syntheticStudy } from "../support/synthetic_study.ts";
import { TempFolder } from "../support/temp_folder.ts";

/** A study of one experiment. */
function alone(runs: readonly Partial<RunSummary>[], n_runs = 3): EndedStudy {
  const experiments = [{ config_hash: "a", config: configOf(), n_runs }];
  const whole = runs.map((run, index): RunSummary => ({
    config_hash: "a",
    cycle: index + 1,
    status: "completed",
    duration_s: 1,
    metrics: {},
    energy: null,
    ...run,
  }));
  const study = { name: null, study_design_hash: "x", n_cycles: 3, experiments };
  return { dir: "results/s 1", summary: summarise(study, whole), comparison: null };
}

const speeds = (...values: readonly number[]): Partial<RunSummary>[] =>
  values.map((value) => ({ metrics: { output_tokens_per_s: value, ttft_ms: 7 } }));

Deno.test("studyVerdict() of one experiment says what it came to", () => {
  assert.deepEqual(studyVerdict(alone(speeds(100, 102, 98))), {
    failures: null,
    sentences: ["100 +-5.1 % output tok/s, 7 TTFT p50 ms, over 3 runs."],
    compare: null,
    report: "A page for a colleague: llem report 'results/s 1'",
  });
  const few = studyVerdict(alone(speeds(100, 110))).sentences;
  assert.deepEqual(few, [
    "100-110 output tok/s, 7 TTFT p50 ms, over 2 runs.",
    "A 95 % interval takes 3 cycles or more: --cycles 3, or execution.n_cycles.",
  ]);
  const own = [1, 2, 3].map((score) => ({
    metrics: { input_tokens: 30, score: 5, "odd\u001b[1m": score, third: 1 },
  }));
  assert.match(studyVerdict(alone(own)).sentences[0] ?? "", /^5 score, 2 \(1-3\)~ odd\?\[1m, over 3 runs\.$/);
  const energy = {
    headline_j: 10,
    uncertainty_j: 1,
    j_per_output_token: 0.5,
    method: "nvml_counter",
    verdict: "marginal",
    verdict_reasons: [],
  } as const;
  const metered = studyVerdict(alone([{ energy, metrics: { output_tokens_per_s: 5 } }], 1)).sentences[0];
  assert.equal(metered, "5 output tok/s, 0.5 +-10 % J/token (marginal), over 1 run.");
});

Deno.test("studyVerdict() has failures first, and nothing to report where no run completed", () => {
  const all = studyVerdict(alone([{ status: "failed" }, { status: "failed" }, { status: "interrupted" }]));
  assert.equal(all.failures, "2 of 3 runs failed: llem show 'results/s 1' --failed");
  assert.deepEqual(all.sentences, ["No run completed, so there is no result."]);
  assert.deepEqual([all.compare, all.report], [null, null]);
  const text = endText(studyVerdict(alone([...speeds(100, 101), { status: "failed" }])), {
    width: null,
    reported: "results/s 1/report.html",
  });
  assert.deepEqual(text.split("\n"), [
    "1 of 3 runs failed: llem show 'results/s 1' --failed",
    "100-101 output tok/s, 7 TTFT p50 ms, over 2 runs.",
    "A 95 % interval takes 3 cycles or more: --cycles 3, or execution.n_cycles.",
    "report: results/s 1/report.html",
    "",
  ]);
});

Deno.test("studyVerdict() of several experiments is what llem compare says, fitted to the terminal", () => {
  using folder = new TempFolder();
  const dir = syntheticStudy(folder.path, { experiments: 5, cycles: 4, cv: 0.2 });
  const table = readStudy(dir);
  const comparison = compareStudies([table]);
  const open = comparison.rows.filter(({ verdict }) => verdict === "undecided").length;
  assert.ok(open > 1, "a study with much to decide");
  const verdict = studyVerdict({ dir, summary: table.summary, comparison });
  assert.equal(verdict.sentences.length, 2);
  assert.match(
    verdict.sentences[1] ?? "",
    new RegExp(`^${open} of ${comparison.rows.length} comparisons undecided`),
  );
  assert.equal(verdict.compare, `Every comparison: llem compare ${dir}`);
  const lines = endText(verdict, { width: 60, reported: null }).trimEnd().split("\n");
  assert.ok(lines.slice(0, -2).every((line) => line.length <= 60), lines.join("\n"));
  // Commands are to be copied.
  assert.deepEqual(lines.slice(-2), [verdict.compare, verdict.report]);
  const none = studyVerdict({ dir, summary: table.summary, comparison: null });
  assert.deepEqual([none.sentences, none.compare], [[], null]);
});
