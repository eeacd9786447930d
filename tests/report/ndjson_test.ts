import assert from "node:assert/strict";
import type { FoundLoad } from "../../lib/results/search_summary.ts";
import { type Outcome, OUTCOME_KINDS } from "../../lib/experiment/outcome.ts";
import { ndjsonRecord } from "../../lib/report/ndjson.ts";
import { HEADLINE_METRICS } from "../../lib/results/headline.ts";
import { configOf, planOf } from "../support/plans.ts";
import { COMPLETED, CRASHED, measurementOf } from "../support/records.ts";
import { measuredRun } from "../support/recordings.ts";
import { runFinished, runStarted, studyFinished, studyStarted } from "../support/runner_events.ts";

const [run] = planOf([configOf({ model: "m" })]).runs;
if (run === undefined) throw new Error("The plan is empty");

/** The record as a script gets it. */
function printed(event: Parameters<typeof ndjsonRecord>[0]): Record<string, unknown> {
  const text = JSON.stringify(ndjsonRecord(event));
  assert.ok(!text.includes("\n"));
  return JSON.parse(text);
}

Deno.test("ndjsonRecord() of a start has the fields of the contract", () => {
  assert.deepEqual(printed(studyStarted()), {
    event: "study_started",
    study_dir: "/tmp/out/s_1",
    name: "s",
    study_design_hash: "0123456789abcdef",
    total: 4,
    skipped: 1,
    done_before: 0,
  });
});

Deno.test("ndjsonRecord() calls a study without a name by the name that people see", () => {
  assert.equal(printed(studyStarted({ name: null })).name, "study");
});

Deno.test("ndjsonRecord() of a run has the fields of the contract, null where unknown", () => {
  const nothing = Object.fromEntries(HEADLINE_METRICS.map((name) => [name, null]));
  assert.deepEqual(printed(runFinished(run)), {
    event: "run_finished",
    study: null,
    index: 1,
    run_id: "0001_c1_a1",
    config_hash: run.config_hash,
    join_hash: null,
    cycle: 1,
    attempt: 1,
    devices: [],
    slot: null,
    beside: null,
    model: "m",
    backend: "command",
    varied: {},
    status: "completed",
    outcome: "completed",
    exit_code: 0,
    signal: null,
    flags: [],
    duration_s: 2,
    error: null,
    hint: null,
    result_file: "runs/run-1/result.json",
    metrics: nothing,
    energy: null,
    slo: null,
    warnings: [],
    will_retry: false,
  });
});

Deno.test("ndjsonRecord() of a failed run says why, and carries what was measured", () => {
  const outcome: Outcome = { ...CRASHED, flags: ["result_present"] };
  const record = printed(runFinished(run, {
    outcome,
    measurement: measurementOf({ output_tokens: 5, metrics: { score: 0.5 } }),
    warnings: [{ code: "protocol", text: "x" }],
  }, { will_retry: true }));
  assert.deepEqual(record["error"], { type: "exit_code", message: "The worker exited with code 3" });
  assert.deepEqual([record["status"], record["outcome"], record["exit_code"]], ["failed", "crashed", 3]);
  assert.match(
    String(record["hint"]),
    /complete; the worker failed while shutting down. It printed nothing. Start the program/,
  );
  assert.deepEqual([record["flags"], record["warnings"], record["will_retry"]], [
    ["result_present"],
    ["protocol"],
    true,
  ]);
  assert.deepEqual((record["metrics"] as Record<string, unknown>)["score"], 0.5);
});

Deno.test("ndjsonRecord() gives each kind of outcome one of three statuses", () => {
  for (const kind of OUTCOME_KINDS) {
    const outcome: Outcome = kind === "completed" ? COMPLETED : { ...CRASHED, kind };
    const { status } = printed(runFinished(run, { outcome }));
    assert.equal(status, kind === "completed" || kind === "interrupted" ? kind : "failed");
  }
});

Deno.test("ndjsonRecord() of an end has the fields of the contract", () => {
  const event = studyFinished({ status: "interrupted", reason: "stopped by SIGINT" }, {
    completed: 3,
    pending: 1,
  });
  assert.deepEqual(printed(event), {
    event: "study_finished",
    status: "interrupted",
    total: 4,
    completed: 3,
    failed: 0,
    interrupted: 0,
    pending: 1,
    study_dir: "/tmp/out/s_1",
    duration_s: 75,
    reason: "stopped by SIGINT",
  });
});

Deno.test("ndjsonRecord() of a study's end says what it came to, where somebody looked", () => {
  const totals = { total: 1, completed: 1, failed: 0, interrupted: 0, pending: 0 };
  const end = {
    type: "study_finished",
    status: "completed",
    reason: null,
    totals,
    study_dir: "s",
    duration_s: 1,
  } as const;
  assert.equal(printed({ ...end, verdict: "A is better." })["verdict"], "A is better.");
  assert.ok(!("verdict" in printed(end)));
});

Deno.test("ndjsonRecord() passes warnings on and leaves out what is only for people", () => {
  assert.deepEqual(printed({ type: "warning", code: "c", text: "t" }), {
    event: "warning",
    code: "c",
    text: "t",
  });
  const forPeople = [
    runStarted(run),
    { type: "run_phase", run, phase: "load" } as const,
    { type: "run_progress", run, done: 1, total: 2, unit: "x", note: null } as const,
    { type: "gap_started", kind: "cycle", source: "machine", seconds: 1, run } as const,
    { type: "retry_waiting", run, attempt: 2, seconds: 1 } as const,
  ];
  for (const event of forPeople) assert.equal(ndjsonRecord(event), null);
});

Deno.test("ndjsonRecord() gives energy with its error and verdict, and no number where it is unattributable", () => {
  const of = (alone: boolean) =>
    printed(runFinished(run, { ...measuredRun(alone) }))["energy"] as Record<string, unknown>;
  const { headline_j, uncertainty_j, common_uncertainty_j, ...words } = of(true);
  assert.ok(Number(common_uncertainty_j) <= Number(uncertainty_j));
  assert.ok(Math.abs(Number(headline_j) - 9000) < Number(uncertainty_j));
  const { random_uncertainty_j, gain_uncertainty_j, ...rest } = words;
  const parts = Math.hypot(Number(random_uncertainty_j), Number(common_uncertainty_j));
  assert.ok(Math.abs(parts - Number(uncertainty_j)) < 1e-9);
  // 5 % / sqrt 3, k = 2.
  assert.ok(Math.abs(Number(gain_uncertainty_j) / Number(headline_j) - 0.1 / Math.sqrt(3)) < 1e-9);
  assert.deepEqual(rest, {
    boards: ["GPU-a"],
    j_per_output_token: null,
    method: "nvml_counter",
    verdict: "resolved",
    verdict_reasons: [],
  });
  const shared = of(false);
  assert.deepEqual([shared["headline_j"], shared["uncertainty_j"], shared["verdict"]], [
    null,
    null,
    "unattributable",
  ]);
});

Deno.test("ndjsonRecord() of a run says which study and which of its swept values it is of", () => {
  const varied = { "params.batch": 4, "llamacpp.n_threads": 2 };
  const study = { name: "s", id: "s_1", study_design_hash: "d" };
  const record = printed(runFinished(run, { study, varied }));
  assert.deepEqual([record["study"], record["varied"]], ["s", varied]);
});

Deno.test("ndjsonRecord() tells how far a search has come, and what it found", () => {
  const of = { over: "openai.load.rate", config_hash: "0123456789abcdef" };
  assert.deepEqual(
    printed({
      type: "search_step",
      ...of,
      varied: { "openai.api": "chat" },
      bracket: { kept: 4, missed: 8, next: 5.66 },
    }),
    { event: "search_step", ...of, varied: { "openai.api": "chat" }, kept: 4, missed: 8, next: 5.66 },
  );
  const found: FoundLoad = {
    config_hash: of.config_hash,
    varied: {},
    kind: "none",
    highest: null,
    below: null,
    above: null,
    next: null,
    probes: [],
    contradictions: [],
  };
  assert.deepEqual(printed({ type: "search_finished", over: of.over, found }), {
    event: "search_finished",
    over: of.over,
    ...found,
  });
});

Deno.test("ndjsonRecord() tells every look of a study whose number of cycles is open", () => {
  assert.equal(printed(studyStarted({ most_runs: 40, open_ended: true })).open_ended, true);
  const look = {
    cycle: 7,
    decision: "met",
    metrics: [{
      metric: "score",
      target: 0.02,
      met: 1,
      of: 1,
      widest: [{ config_hash: "a", n: 7, width: 0.01 }],
    }],
    left_out: [],
    n_left_out: 0,
  } as const;
  assert.deepEqual(printed({ type: "look", look, varied: {}, most: 20 }), { event: "look", ...look });
});

Deno.test("ndjsonRecord() of a run beside others says on which devices, in which slot and beside which runs", () => {
  const finished = runFinished(run);
  const { record } = finished;
  const beside = [{ run_id: "0002_c1_a1", devices: ["GPU-b"], overlap_s: 2, measure_overlap_s: 0 }];
  const parallel = { mode: "staged", slot: 3, cpus: "0-7", numa: 0, beside, other_boards_w: 60 } as const;
  const { devices, slot, beside: ids } = printed({
    ...finished,
    record: { ...record, run: { ...record.run, devices: ["GPU-a"], parallel } },
  });
  assert.deepEqual({ devices, slot, ids }, { devices: ["GPU-a"], slot: 3, ids: ["0002_c1_a1"] });
});
