import assert from "node:assert/strict";
import { JournalFold } from "../../lib/journal/fold.ts";
import { fitsIn } from "../../lib/session/join/run_time.ts";
import { finished } from "../support/events.ts";
import { configOf, planOf } from "../support/plans.ts";

const PLAN = planOf([configOf({ n: 1 }), configOf({ n: 2 })], {
  n_cycles: 3,
  execution: { experiment_timeout_seconds: 100 },
});

Deno.test("fitsIn(): a run fits by its limit, by what is expected, by one and a half times the longest of its experiment", () => {
  const fold = new JournalFold();
  const [run] = PLAN.runs;
  const other = PLAN.runs.find(({ config_hash }) => config_hash !== run?.config_hash);
  assert.ok(run !== undefined && other !== undefined);
  const left: { s: number | null } = { s: null };
  const fits = (expected: number | null = null): boolean =>
    fitsIn(PLAN, fold, () => left.s === null ? null : left.s * 1000, () => expected)(run);
  const least = (expected: number | null = null): number => {
    for (let tenths = 0; tenths <= 1000; tenths++) {
      left.s = tenths / 10;
      if (fits(expected)) return left.s;
    }
    return Infinity;
  };
  assert.equal(fits(), true, "without a limit of its time everything fits");
  assert.deepEqual([least(), least(20), least(200)], [100, 20, 100]);
  const at = "2026-01-02T03:04:06.000Z";
  // Of another experiment, and one that did not come to its end, say nothing.
  fold.apply({ ...finished(other), duration_s: 1, at });
  fold.apply({ ...finished(run, "crashed"), duration_s: 90, at });
  assert.equal(least(), 100);
  const [, second, third] = PLAN.runs.filter(({ config_hash }) => config_hash === run.config_hash);
  assert.ok(second !== undefined && third !== undefined);
  fold.apply({ ...finished(second), duration_s: 10, at });
  fold.apply({ ...finished(third), duration_s: 20, at });
  assert.equal(least(1), 30);
  fold.apply({ ...finished(run), duration_s: 90, at });
  assert.equal(least(), 100, "never more than its limit");
});
