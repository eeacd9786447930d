import assert from "node:assert/strict";
import type { Outcome } from "../../lib/experiment/outcome.ts";
import { GroupLog, groupOf, wayToGiveUp } from "../../lib/plan/give_up.ts";
import { configOf } from "../support/plans.ts";
import { COMPLETED, CRASHED } from "../support/records.ts";

const one = { config: configOf({ model: "one" }) };
const other = { config: configOf({ model: "other" }) };

function failed(type: string, kind: Outcome["kind"] = "failed"): Outcome {
  return { ...CRASHED, kind, error: { type, message: "", traceback: null, retryable: null } };
}

/** Takes an end in as a study does; what the group is given up for, else null. */
function take(log: GroupLog, after: number | null, run: typeof one, end: Outcome): string | null {
  const way = wayToGiveUp(after, log.endsOf(run), end);
  log.add(run, end);
  if (way !== null) log.giveUp(run);
  return way;
}

/** What came of the ends, one after the other. */
function answers(after: number | null, ends: readonly Outcome[]): (string | null)[] {
  const log = new GroupLog(after);
  return ends.map((end) => take(log, after, one, end));
}

Deno.test("groupOf() is the backend and the model, whatever else is varied", () => {
  assert.equal(groupOf({ config: configOf({ model: "m", n: 7 }) }), "command m");
  assert.equal(groupOf({ config: configOf({ model: "m", n: 8 }) }), "command m");
});

Deno.test("wayToGiveUp() gives a group up once its first runs have all failed alike", () => {
  assert.deepEqual(answers(2, [failed("A"), failed("A")]), [null, "failed (A)"]);
  assert.deepEqual(answers(3, [CRASHED, CRASHED, CRASHED]), [null, null, "crashed (exit_code)"]);
});

Deno.test("wayToGiveUp() gives nothing up where they did not fail alike, or one completed, or not the first ones", () => {
  const cases: readonly (readonly [after: number | null, ends: readonly Outcome[]])[] = [
    [null, [failed("A"), failed("A"), failed("A")]],
    [3, [failed("A"), failed("A")]],
    [2, [failed("A"), failed("B"), failed("B"), failed("B")]],
    [2, [failed("A"), failed("A", "crashed"), failed("A", "crashed")]],
    [2, [COMPLETED, failed("A"), failed("A"), failed("A")]],
    [2, [failed("A"), COMPLETED, failed("A"), failed("A")]],
    [2, [COMPLETED, COMPLETED, COMPLETED]],
  ];
  for (const [after, ends] of cases) {
    assert.deepEqual(answers(after, ends), ends.map(() => null), JSON.stringify(ends));
  }
});

Deno.test("GroupLog keeps the first ends of a group, and keeps groups apart", () => {
  const log = new GroupLog(2);
  assert.equal(take(log, 2, one, failed("A")), null);
  assert.equal(take(log, 2, other, failed("A")), null);
  assert.deepEqual([log.hasGivenUp(one), log.hasGivenUp(other)], [false, false]);
  assert.equal(take(log, 2, one, failed("A")), "failed (A)");
  assert.deepEqual([log.hasGivenUp(one), log.hasGivenUp(other)], [true, false]);
  assert.equal(take(log, 2, one, failed("A")), null);
  assert.equal(take(log, 2, other, COMPLETED), null);
  assert.equal(log.hasGivenUp(other), false);
  assert.deepEqual(log.endsOf(one).length, 2, "no more than are asked for");
  assert.deepEqual(new GroupLog(null).endsOf(one), []);
});
