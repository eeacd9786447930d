/** What a study with `execution.until` gets next, by its journal alone: a resume must find what the runner would have done. */
import assert from "node:assert/strict";
import { runsAdded } from "../../lib/journal/added_runs.ts";
import type { JournalEvent } from "../../lib/journal/event.ts";
import { foldJournal, type StudyState } from "../../lib/journal/fold.ts";
import { cycleDue, dueLook } from "../../lib/journal/looks.ts";
import type { Plan } from "../../lib/plan/plan.ts";
import type { Results } from "../../lib/plan/until.ts";
import type { Look } from "../../lib/statistics/look.ts";
import { planOf } from "../study/_tell.ts";
import { finished, opened, stamped } from "../support/events.ts";

const study = (execution: string): Plan =>
  planOf(
    "model: m\nbackend: command\ncommand: { argv: [w] }\nsweep: { params.x: [1, 2] }\n" +
      `execution: { until: { score: 2% }, min_cycles: 4, ${execution} }\n`,
  );
const plan = study("max_cycles: 5");

/** Too uneven for any width. */
const wild: Results = { hasCompleted: () => true, valueOf: ({ cycle }) => cycle };

const state = (...events: readonly JournalEvent[]): StudyState =>
  foldJournal(stamped([opened(plan), ...plan.runs.map((run) => finished(run)), ...events]));

function due(of: Plan, now: StudyState): Look {
  const look = dueLook(of, now, wild);
  assert.ok(look !== null);
  return look;
}

Deno.test("after the runs comes a look, after a look that asks for it one more cycle, and that only once", () => {
  assert.deepEqual(cycleDue(plan, state(), wild), [], "without a look");
  const look = due(plan, state());
  assert.deepEqual([look.cycle, look.decision], [4, "continue"]);
  const looked = state({ type: "look", ...look });
  assert.equal(dueLook(plan, looked, wild), null);
  const added = cycleDue(plan, looked, wild);
  assert.deepEqual(added.map(({ index, cycle }) => [index, cycle]), [[9, 5], [10, 5]]);
  const events = [{ type: "look", ...look } as const, ...runsAdded(added)];
  assert.deepEqual(cycleDue(plan, state(...events), wild), [], "added already");
  const over = state(...events, ...added.map((run) => finished(run)));
  assert.deepEqual(cycleDue(plan, over, wild), []);
  const again = plan.runs.slice(0, 1).map((run) => finished(run, "completed", 2));
  const repeated = state({ type: "look", ...look }, ...again);
  assert.deepEqual(cycleDue(plan, repeated, wild), [], "the look is older than the last run");
  assert.equal(due(plan, repeated).cycle, 4);
  assert.deepEqual([due(plan, over).cycle, due(plan, over).decision], [5, "max_cycles"]);
});

Deno.test("a study that a limit ended is looked at again where the limit is higher now, and only there", () => {
  const four = study("max_cycles: 5, time_budget_seconds: 1");
  const spent = (now: StudyState): StudyState => ({ ...now, spent_s: 100 });
  const look = due(four, spent(state()));
  assert.equal(look.decision, "time_budget");
  const ended = spent(state({ type: "look", ...look }));
  assert.equal(dueLook(four, ended, wild), null);
  assert.equal(due(study("max_cycles: 5, time_budget_seconds: 1000"), ended).decision, "continue");
  const met = spent(state({ type: "look", ...look, decision: "met" }));
  assert.equal(dueLook(plan, met, wild), null, "what was reached stays reached");
});
