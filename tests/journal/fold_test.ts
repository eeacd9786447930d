import assert from "node:assert/strict";
import { OUTCOME_KINDS, type OutcomeKind } from "../../lib/experiment/outcome.ts";
import { type EntryStatus, runKey } from "../../lib/experiment/run.ts";
import { foldJournal, JournalFold, type StudyState } from "../../lib/journal/fold.ts";
import type { StampedEvent } from "../../lib/journal/event.ts";
import { runsAdded } from "../../lib/journal/added_runs.ts";
import { closed, finished, opened, randomHistory, stamped, started, starting } from "../support/events.ts";
import { configOf, planOf } from "../support/plans.ts";
import { Random } from "../support/random.ts";

const plan = planOf([configOf(), configOf({ n: 2 })], { n_cycles: 2 });
const [one, two] = plan.runs;
if (one === undefined || two === undefined) throw new Error("The plan is empty");

function fold(events: Parameters<typeof stamped>[0]): StudyState {
  return foldJournal(stamped(events));
}

const FIRST_KEY = runKey(one);

/** `status/attempt` of the first run. */
function entryOf(events: Parameters<typeof stamped>[0]): string {
  const entry = fold(events).entries.get(FIRST_KEY);
  return entry === undefined ? "none" : `${entry.status}/${entry.attempt}`;
}

Deno.test("foldJournal() tells where a run stands after any story", () => {
  const stories: readonly (readonly [what: string, events: Parameters<typeof stamped>[0], entry: string])[] =
    [
      ["nothing happened", [], "none"],
      ["only another run", [started(two)], "none"],
      ["started", [started(one)], "running/1"],
      ["completed", [started(one), finished(one)], "completed/1"],
      ["failed", [started(one), finished(one, "crashed")], "failed/1"],
      ["retrying", [started(one), finished(one, "crashed"), started(one, 2)], "running/2"],
      [
        "retried",
        [started(one), finished(one, "crashed"), started(one, 2), finished(one, "completed", 2)],
        "completed/2",
      ],
      ["interrupted", [started(one), finished(one, "interrupted")], "interrupted/1"],
      ["lost", [started(one), opened(plan, "study_resumed"), finished(one, "lost")], "lost/1"],
      ["lost, then made", [
        started(one),
        finished(one, "lost"),
        started(one, 2),
        finished(one, "completed", 2),
      ], "completed/2"],
      ["never started", [finished(one, "spawn_failed")], "failed/1"],
      ["another cycle", [started({ ...one, cycle: 2 }), finished({ ...one, cycle: 2 })], "none"],
      ["another place", [finished({ ...one, index: 99 })], "completed/1"],
    ];
  for (const [what, events, entry] of stories) assert.equal(entryOf(events), entry, what);
});

Deno.test("foldJournal() knows what every kind of outcome makes of a run", () => {
  const expected: Readonly<Record<string, EntryStatus>> = {
    completed: "completed",
    interrupted: "interrupted",
    lost: "lost",
  };
  for (const kind of OUTCOME_KINDS) {
    assert.equal(entryOf([started(one), finished(one, kind)]), `${expected[kind] ?? "failed"}/1`);
  }
});

Deno.test("foldJournal() keeps the start that belongs to the end, and no other", () => {
  const state = fold([started(one), finished(one, "crashed"), finished(one, "crashed", 2)]);
  const entry = state.entries.get(runKey(one));
  assert.equal(entry?.started, null);
  assert.equal(entry?.finished?.attempt, 2);
  const whole = fold([started(one, 2), finished(one, "completed", 2)]).entries.get(runKey(one));
  assert.equal(whole?.started?.attempt, 2);
  assert.equal(whole?.started?.at, "2026-01-01T00:00:00.000Z");
});

Deno.test("foldJournal() takes an attempt that was about to start for begun, and both lines of a start for one try", () => {
  const alone = fold([starting(one)]).entries.get(FIRST_KEY);
  assert.deepEqual([alone?.status, alone?.attempt, alone?.tries], ["running", 1, 1]);
  assert.deepEqual([alone?.starting?.tag, alone?.started], ["tag-1-a1", null]);
  const both = fold([starting(one), started(one)]).entries.get(FIRST_KEY);
  assert.deepEqual([both?.status, both?.tries], ["running", 1]);
  assert.deepEqual([both?.starting?.tag, both?.started?.worker?.pid], ["tag-1-a1", 1001]);
  const ended = fold([starting(one), finished(one, "lost")]).entries.get(FIRST_KEY);
  assert.deepEqual([ended?.status, ended?.tries, ended?.starting?.tag], ["lost", 1, "tag-1-a1"]);
  const next = fold([starting(one), started(one), finished(one, "crashed"), starting(one, 2)]).entries.get(
    FIRST_KEY,
  );
  assert.deepEqual([next?.status, next?.tries, next?.failures, next?.started], ["running", 2, 1, null]);
  // A journal of an earlier version goes on in this one.
  const old = fold([started(one), finished(one, "crashed"), starting(one, 2), started(one, 2)]).entries.get(
    FIRST_KEY,
  );
  assert.deepEqual([old?.tries, old?.starting?.attempt, old?.started?.attempt], [2, 2, 2]);
});

Deno.test("foldJournal() counts the attempts of a run that failed, in every session", () => {
  const failures = (kinds: readonly OutcomeKind[]): number | undefined =>
    fold(kinds.flatMap((kind, index) => [started(one, index + 1), finished(one, kind, index + 1)]))
      .entries.get(FIRST_KEY)?.failures;
  assert.equal(failures(["completed"]), 0);
  assert.equal(failures(["crashed", "timed_out", "completed"]), 2);
  assert.equal(failures(["interrupted", "lost", "completed"]), 0);
  assert.equal(failures(["lost", "failed", "interrupted"]), 1);
  const again = fold([started(one), finished(one, "crashed"), started(one, 2)]).entries.get(FIRST_KEY);
  assert.deepEqual([again?.status, again?.failures], ["running", 1]);
});

Deno.test("foldJournal() follows the study through its sessions", () => {
  const at = (second: number): string => `2026-01-01T00:00:0${second}.000Z`;
  const of = (events: Parameters<typeof stamped>[0]): unknown[] => {
    const { status, started_at, completed_at } = fold(events);
    return [status, started_at, completed_at];
  };
  assert.deepEqual(of([]), ["running", null, null]);
  assert.deepEqual(of([opened(plan)]), ["running", at(0), null]);
  assert.deepEqual(of([opened(plan), closed("interrupted")]), ["interrupted", at(0), at(1)]);
  const resumed = [opened(plan), closed("interrupted"), opened(plan, "study_resumed")];
  assert.deepEqual(of(resumed), ["running", at(0), null]);
  assert.deepEqual(of([...resumed, closed("completed")]), ["completed", at(0), at(3)]);
});

Deno.test("JournalFold step by step comes to what foldJournal() comes to", () => {
  const random = new Random(8);
  for (let round = 0; round < 50; round++) {
    const events = randomHistory(plan, random, 40);
    const stepwise = new JournalFold();
    for (const [index, event] of events.entries()) {
      const key = stepwise.apply(event);
      const expected = "index" in event ? runKey(event) : null;
      assert.equal(key, expected);
      if (index % 10 === 0) assert.deepEqual(stepwise.state, foldJournal(events.slice(0, index + 1)));
    }
    assert.deepEqual(stepwise.state, foldJournal(events));
  }
});

/** Tries of the first run at the end of a story. */
function triesOf(events: Parameters<typeof stamped>[0]): number | undefined {
  return fold(events).entries.get(FIRST_KEY)?.tries;
}

Deno.test("foldJournal() counts the tries of a run in its session: what was void is none, and each session counts anew", () => {
  const void_ = (attempt: number): ReturnType<typeof finished> => ({
    ...finished(one, "interrupted", attempt),
    flags: ["suspended"],
    will_retry: true,
  });
  const begin = opened(plan);
  const again = opened(plan, "study_resumed");
  const failed = (attempt: number): ReturnType<typeof finished> => finished(one, "crashed", attempt);
  const stories: readonly (readonly [what: string, events: Parameters<typeof stamped>[0], tries: number])[] =
    [
      ["the first one runs", [begin, started(one)], 1],
      ["it failed", [begin, started(one), failed(1)], 1],
      ["its line stands there twice", [begin, started(one), failed(1), failed(1)], 1],
      ["the second one runs", [begin, started(one), failed(1), started(one, 2)], 2],
      ["the second one failed", [begin, started(one), failed(1), started(one, 2), failed(2)], 2],
      ["after a void one", [begin, started(one), void_(1), started(one, 2)], 1],
      ["after two void ones", [begin, started(one), void_(1), started(one, 2), void_(2), started(one, 3)], 1],
      ["failed, void, next", [begin, started(one), failed(1), started(one, 2), void_(2), started(one, 3)], 2],
      ["void, failed, next", [begin, started(one), void_(1), started(one, 2), failed(2), started(one, 3)], 2],
      ["another session", [begin, started(one), failed(1), again, started(one, 2)], 1],
      ["its third try there", [
        begin,
        started(one),
        failed(1),
        again,
        started(one, 2),
        failed(2),
        started(one, 3),
        failed(3),
        started(one, 4),
      ], 3],
      ["lost, then made", [begin, started(one), finished(one, "lost"), again, started(one, 2)], 1],
      ["a crash left a folder, so its number is higher", [begin, started(one, 7)], 1],
      ["no line of its start", [begin, failed(1)], 1],
    ];
  for (const [what, events, tries] of stories) assert.equal(triesOf(events), tries, what);
  const voidsOf = (events: Parameters<typeof stamped>[0]): number | undefined =>
    fold(events).entries.get(FIRST_KEY)?.voids;
  assert.equal(voidsOf([begin, started(one)]), 0);
  assert.equal(voidsOf([begin, started(one), void_(1), void_(1)]), 1);
  assert.equal(
    voidsOf([begin, started(one), void_(1), started(one, 2), failed(2), started(one, 3), void_(3)]),
    2,
  );
  assert.equal(voidsOf([begin, started(one), void_(1), again, started(one, 2)]), 0);
  assert.equal(voidsOf([begin, started(one), void_(1), again, void_(2)]), 1);
  // An attempt whose beginning was lost, by what stands before it.
  const next = (events: Parameters<typeof stamped>[0]): number => {
    const fold = new JournalFold();
    for (const event of stamped(events)) fold.apply(event);
    return fold.triesWithNext(one);
  };
  assert.equal(next([begin]), 1);
  assert.equal(next([begin, started(one), failed(1)]), 2);
  assert.equal(next([begin, started(one), void_(1)]), 1);
  assert.equal(next([begin, started(one), failed(1), again]), 1);
});

Deno.test("foldJournal() knows the runs that were added, in order, with their configurations", () => {
  const third = planOf([configOf({ n: 3 })]).runs.map((run) => ({ ...run, index: 5 }));
  const fourth = [{ ...one, index: 6, cycle: 3 }];
  const events = [opened(plan), ...runsAdded(third), started(one), ...runsAdded(fourth)];
  assert.deepEqual(fold(events).added, [...third, ...fourth]);
  assert.deepEqual(fold([opened(plan)]).added, []);
});

Deno.test("foldJournal() keeps the last look, and knows whether a run has ended since", () => {
  const look = { cycle: 2, decision: "continue", metrics: [], left_out: [], n_left_out: 0 } as const;
  const of = (events: Parameters<typeof stamped>[0]): unknown => {
    const state = fold(events);
    return [state.look, state.is_look_old];
  };
  assert.deepEqual(of([started(one)]), [null, false]);
  assert.deepEqual(of([started(one), finished(one), { type: "look", ...look }]), [look, false]);
  assert.deepEqual(of([{ type: "look", ...look }, started(one), finished(one)]), [look, true]);
  assert.deepEqual(of([{ type: "look", ...look }, finished(one), { type: "look", ...look, cycle: 3 }]), [
    { ...look, cycle: 3 },
    false,
  ]);
});

Deno.test("foldJournal() adds up the time that runners had the study in hand, without the time between them", () => {
  const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
  const events: StampedEvent[] = [
    { ...opened(plan), at: at(0) },
    { ...starting(one), at: at(1) },
    { ...finished(one), at: at(9), completed_at: at(8) },
    // What a resume writes before it begins, an hour later.
    { ...finished(two, "lost"), at: at(3600), completed_at: at(3600) },
    { ...opened(plan, "study_resumed"), at: at(3601) },
    { ...finished(two, "completed", 2), at: at(3606), completed_at: at(3606) },
    // The clock was set back.
    { ...closed("completed"), at: at(3000) },
  ];
  assert.equal(foldJournal(events).spent_s, 13);
});
