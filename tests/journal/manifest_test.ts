import assert from "node:assert/strict";
import { LLEM_VERSION } from "../../lib/base/version.ts";
import { foldJournal } from "../../lib/journal/fold.ts";
import { makeManifest, type Manifest } from "../../lib/journal/manifest.ts";
import { closed, finished, opened, randomHistory, stamped, started } from "../support/events.ts";
import { configOf, planOf } from "../support/plans.ts";
import { Random } from "../support/random.ts";

const plan = planOf([configOf({ n: 1 }), configOf({ n: 2 }), configOf({ n: 3 })], {
  n_cycles: 2,
  seed: 5,
  gaps: { experiment_s: 1, cycle_s: 2 },
  skipped: [{ reason: "because", label: "x", config: { n: 4 } }],
});
const [one, two] = plan.runs;
if (one === undefined || two === undefined) throw new Error("The plan is empty");

function manifestOf(events: Parameters<typeof stamped>[0]): Manifest {
  return makeManifest(plan, foldJournal(stamped(events)));
}

Deno.test("makeManifest() has the field names that are promised", () => {
  const manifest = manifestOf([opened(plan)]);
  const promised = [
    "study_name",
    "study_design_hash",
    "started_at",
    "completed_at",
    "status",
    "total_experiments",
  ]
    .concat([
      "completed",
      "failed",
      "pending",
      "experiments",
      "schema",
      "llem_version",
      "interrupted",
      "order",
    ])
    .concat(["n_cycles", "seed", "gaps", "skipped"]);
  for (const name of promised) assert.ok(name in manifest, name);
  const entryNames = ["config_hash", "config_summary", "cycle", "status", "result_file", "error_type"]
    .concat(["error_message", "started_at", "completed_at", "index", "attempt", "exit_code", "signal"])
    .concat(["duration_s", "warnings"]);
  for (const entry of manifest.experiments) for (const name of entryNames) assert.ok(name in entry, name);
  assert.equal(manifest.schema, "llem.manifest/1");
  assert.equal(manifest.llem_version, LLEM_VERSION);
  assert.deepEqual([manifest.seed, manifest.gaps, manifest.skipped], [plan.seed, plan.gaps, plan.skipped]);
});

Deno.test("makeManifest() stands in run order, whatever the order of events", () => {
  const manifest = manifestOf([opened(plan), ...plan.runs.toReversed().map((run) => finished(run))]);
  assert.deepEqual(manifest.experiments.map(({ index }) => index), [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(manifest.experiments.map(({ cycle }) => cycle), plan.runs.map(({ cycle }) => cycle));
});

Deno.test("makeManifest() tells of each run what the journal says, and of a pending one nothing", () => {
  const [entry, pending] = manifestOf([opened(plan), started(one), finished(one, "timed_out")]).experiments;
  assert.deepEqual(entry, {
    config_hash: one.config_hash,
    config_summary: "command / none / bf16",
    cycle: 1,
    status: "failed",
    result_file: "runs/run-1-a1/result.json",
    error_type: "timed_out",
    error_message: "it was timed_out",
    started_at: "2026-01-01T00:00:01.000Z",
    completed_at: "2026-01-02T03:04:06.000Z",
    index: 1,
    attempt: 1,
    outcome: "timed_out",
    exit_code: null,
    signal: "SIGKILL",
    duration_s: 1,
    warnings: [],
  });
  assert.equal(pending?.status, "pending");
  assert.equal(pending?.attempt, 0);
  for (
    const name of [
      "result_file",
      "error_type",
      "started_at",
      "completed_at",
      "outcome",
      "duration_s",
    ] as const
  ) {
    assert.equal(pending?.[name], null, name);
  }
});

Deno.test("makeManifest() summarises a configuration as backend, model and precision", () => {
  const summary = (draft: Parameters<typeof configOf>[0]): string | undefined =>
    makeManifest(planOf([configOf(draft)]), foldJournal([])).experiments[0]?.config_summary;
  const pytorch = { backend: "pytorch", model: "Org/Model-7B", precision: "fp16" };
  assert.equal(summary(pytorch), "pytorch / org-model-7b / fp16");
  // The file of an embedded model brings its own precision.
  assert.equal(summary({ backend: "llamacpp", model: "../a/Model.gguf" }), "llamacpp / model");
  assert.ok((summary({ ...pytorch, model: `a/${"x".repeat(200)}\n` }) ?? "").length < 60);
});

Deno.test("makeManifest() counts add up to the plan after any history", () => {
  const random = new Random(9);
  for (let round = 0; round < 200; round++) {
    const events = randomHistory(plan, random, random.integer(1, 30));
    const manifest = makeManifest(plan, foldJournal(events));
    const { completed, failed, interrupted, pending, total_experiments } = manifest;
    assert.equal(completed + failed + interrupted + pending, total_experiments);
    assert.equal(total_experiments, plan.runs.length);
    const of = (status: string): number =>
      manifest.experiments.filter((entry) => entry.status === status).length;
    assert.deepEqual([of("completed"), of("failed"), of("interrupted")], [completed, failed, interrupted]);
    assert.equal(of("pending") + of("running") + of("lost"), pending);
  }
});

Deno.test("makeManifest() of a closed study says when it ended", () => {
  const manifest = manifestOf([opened(plan), closed("failed")]);
  assert.deepEqual([manifest.status, manifest.started_at, manifest.completed_at], [
    "failed",
    "2026-01-01T00:00:00.000Z",
    "2026-01-01T00:00:01.000Z",
  ]);
});
