import assert from "node:assert/strict";
import type { Outcome } from "../../lib/experiment/outcome.ts";
import { groupOf, GroupWatch } from "../../lib/plan/give_up.ts";
import { configOf } from "../support/plans.ts";
import { COMPLETED, CRASHED } from "../support/records.ts";

const one = { config: configOf({ model: "one" }) };
const other = { config: configOf({ model: "other" }) };

function failed(type: string, kind: Outcome["kind"] = "failed"): Outcome {
  return { ...CRASHED, kind, error: { type, message: "", traceback: null, retryable: null } };
}

/** What `take` answered to the ends, one after the other. */
function answers(after: number | null, ends: readonly Outcome[]): (string | null)[] {
  const watch = new GroupWatch(after);
  return ends.map((end) => watch.take(one, end));
}

Deno.test("groupOf() is the backend and the model, whatever else is varied", () => {
  assert.equal(groupOf({ config: configOf({ model: "m", n: 7 }) }), "command m");
  assert.equal(groupOf({ config: configOf({ model: "m", n: 8 }) }), "command m");
});

Deno.test("GroupWatch gives a group up once its first runs have all failed alike", () => {
  assert.deepEqual(answers(2, [failed("A"), failed("A")]), [null, "failed (A)"]);
  assert.deepEqual(answers(3, [CRASHED, CRASHED, CRASHED]), [null, null, "crashed (exit_code)"]);
});

Deno.test("GroupWatch gives nothing up where they did not fail alike, or one completed, or not the first ones", () => {
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

Deno.test("GroupWatch says it once, and keeps groups apart", () => {
  const watch = new GroupWatch(2);
  assert.equal(watch.take(one, failed("A")), null);
  assert.equal(watch.take(other, failed("A")), null);
  assert.deepEqual([watch.hasGivenUp(one), watch.hasGivenUp(other)], [false, false]);
  assert.equal(watch.take(one, failed("A")), "failed (A)");
  assert.deepEqual([watch.hasGivenUp(one), watch.hasGivenUp(other)], [true, false]);
  assert.equal(watch.take(one, failed("A")), null);
  assert.equal(watch.take(other, COMPLETED), null);
  assert.equal(watch.hasGivenUp(other), false);
});
