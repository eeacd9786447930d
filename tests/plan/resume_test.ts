import assert from "node:assert/strict";
import { type EntryStatus, type Run, runKey } from "../../lib/experiment/run.ts";
import { runsToResume } from "../../lib/plan/resume.ts";
import { configOf, planOf } from "../support/plans.ts";

Deno.test("runsToResume() takes every status as its rule says", () => {
  const [run] = planOf([configOf()]).runs;
  assert.ok(run !== undefined);
  const rules: readonly (readonly [status: EntryStatus, plain: boolean, retryFailed: boolean])[] = [
    ["pending", true, true],
    ["running", true, true],
    ["interrupted", true, true],
    ["lost", true, true],
    ["failed", false, true],
    ["completed", false, false],
  ];
  for (const [status, plain, withFailed] of rules) {
    const takes = (retryFailed: boolean): boolean =>
      runsToResume([run], () => status, { retryFailed }).length === 1;
    assert.deepEqual([takes(false), takes(true)], [plain, withFailed], status);
  }
});

Deno.test("runsToResume() keeps the run order and goes by identity, never by position", () => {
  const { runs } = planOf([configOf({ n: 1 }), configOf({ n: 2 })], { n_cycles: 2 });
  const completed = new Set(runs.filter((run) => run.index === 2).map(runKey));
  const statusOf = (run: Run): EntryStatus => completed.has(runKey(run)) ? "completed" : "pending";
  const indices = (order: readonly Run[]): number[] =>
    runsToResume(order, statusOf, { retryFailed: false }).map((run) => run.index);
  assert.deepEqual(indices(runs), [1, 3, 4]);
  assert.deepEqual(indices(runs.toReversed()), [4, 3, 1]);
  const moved = runs.map((run) => ({ ...run, index: run.index + 10 }));
  assert.deepEqual(indices(moved), [11, 13, 14]);
});

Deno.test("runsToResume() of a finished study is nothing", () => {
  const { runs } = planOf([configOf()], { n_cycles: 3 });
  assert.deepEqual(runsToResume(runs, () => "completed", { retryFailed: true }), []);
  assert.deepEqual(runsToResume([], () => "pending", { retryFailed: true }), []);
});
