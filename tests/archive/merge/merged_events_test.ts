import assert from "node:assert/strict";
import { mergedEvents, type MergeSource, renamedRecord } from "../../../lib/archive/merge/merged_events.ts";
import { foldJournal } from "../../../lib/journal/fold.ts";
import type { JournalEvent, StampedEvent } from "../../../lib/journal/event.ts";
import type { Run } from "../../../lib/experiment/run.ts";
import { runKey } from "../../../lib/experiment/run.ts";
import { finished, opened, starting } from "../../support/events.ts";
import { configOf, planOf } from "../../support/plans.ts";

const PLAN = planOf([configOf({ n: 1 }), configOf({ n: 2 })], { n_cycles: 2 });
const [RUN_1, RUN_2, RUN_3] = PLAN.runs as unknown as readonly [Run, Run, Run, Run];

/** A directory with these events, a second apart, of workers of its own. */
function source(name: string, ...events: readonly JournalEvent[]): MergeSource {
  return sameWorkers(
    name,
    ...events.map((event) =>
      event.type === "run_starting" ? { ...event, tag: `${event.tag} ${name}` } : event
    ),
  );
}

/** The same with the workers that the events name, as copies have them. */
function sameWorkers(name: string, ...events: readonly JournalEvent[]): MergeSource {
  const stamped = events.map((event, place): StampedEvent => ({
    ...event,
    at: `2026-01-02T03:04:${String(place).padStart(2, "0")}.000Z`,
  }));
  return { dir: `/r/${name}`, name, events: stamped };
}

const end = (run: Run, at: string, kind: Parameters<typeof finished>[1] = "completed", attempt = 1) => ({
  ...finished(run, kind, attempt),
  completed_at: `2026-01-02T${at}.000Z`,
});

function merge(...sources: readonly MergeSource[]) {
  return mergedEvents(sources, PLAN.runs, () => true);
}

Deno.test("mergedEvents() puts journals beside each other, each as it was", () => {
  const a = source("a", opened(PLAN), starting(RUN_1), end(RUN_1, "04:00:00"));
  const b = source("b", opened(PLAN), starting(RUN_2), end(RUN_2, "04:00:00"));
  const found = merge(a, b);
  assert.deepEqual(found.journals, [{ name: "a", events: a.events }, { name: "b", events: b.events }]);
  assert.deepEqual(found.folders.map(({ dir, from, to }) => [dir, from, to]), [
    ["/r/a", "runs/run-1-a1", "runs/run-1-a1"],
    ["/r/b", "runs/run-2-a1", "runs/run-2-a1"],
  ]);
  assert.equal(found.superseded, 0);
});

/** The directory whose end of a run counts. */
function winner(run: Run, ...sources: readonly MergeSource[]): string | undefined {
  const { journals } = merge(...sources);
  return journals.find(({ events }) =>
    events.some((event) =>
      event.type === "run_finished" && runKey(event) === runKey(run) && event.superseded !== true
    )
  )?.name;
}

Deno.test("of a run that was made twice a completed one counts, then the one that ended first, in whatever order", () => {
  const early = source("early", starting(RUN_1), end(RUN_1, "04:00:00"));
  const late = source("late", starting(RUN_1), end(RUN_1, "05:00:00"));
  const crashed = source("crashed", starting(RUN_1), end(RUN_1, "03:00:00", "crashed"));
  const begun = source("begun", starting(RUN_1));
  for (
    const [counts, ...others] of [[early, late], [late, crashed], [early, late, crashed], [crashed, begun]]
  ) {
    assert.ok(counts !== undefined);
    const all = [counts, ...others];
    assert.equal(winner(RUN_1, ...all), counts.name);
    assert.equal(winner(RUN_1, ...all.toReversed()), counts.name);
  }
});

Deno.test("what does not count is kept under further numbers, with its files, and changes no state", () => {
  const early = source(
    "early",
    starting(RUN_1),
    end(RUN_1, "04:00:00"),
    starting(RUN_2),
    end(RUN_2, "04:00:01"),
  );
  const late = source(
    "late",
    starting(RUN_1),
    end(RUN_1, "05:00:00", "crashed"),
    starting(RUN_1, 2),
    end(RUN_1, "05:00:02", "completed", 2),
    starting(RUN_3),
    end(RUN_3, "05:00:03"),
  );
  const found = merge(early, late);
  assert.equal(found.superseded, 2);
  const moved = found.folders.filter(({ renamed }) => renamed !== null);
  assert.deepEqual(moved.map(({ dir, from, renamed }) => [dir, from, renamed?.attempt]), [
    ["/r/late", "runs/run-1-a1", 2],
    ["/r/late", "runs/run-1-a2", 3],
  ]);
  assert.match(moved[0]?.to ?? "", /^runs\/0001_none_command_[0-9a-f]{8}_c1_a2$/);
  const state = foldJournal(found.journals.flatMap(({ events }) => events));
  assert.deepEqual([...state.entries.values()].map(({ status }) => status), [
    "completed",
    "completed",
    "completed",
  ]);
  assert.equal(state.entries.get(runKey(RUN_1))?.finished?.run_id, "run-1-a1");
  assert.equal(new Set(found.folders.map(({ to }) => to)).size, found.folders.length, "no folder twice");
});

Deno.test("an attempt that two copies of a directory have is one; where its results differ it is told", () => {
  const before = [opened(PLAN), starting(RUN_1), end(RUN_1, "04:00:00")];
  const copy = sameWorkers("copy", ...before);
  const whole = sameWorkers("whole", ...before, starting(RUN_2), end(RUN_2, "04:00:05"));
  const found = merge(copy, whole);
  assert.equal(found.superseded, 0);
  assert.deepEqual(found.folders.map(({ to }) => to).sort(), ["runs/run-1-a1", "runs/run-2-a1"]);
  const told = mergedEvents([copy, whole], PLAN.runs, () => false).disagreeing;
  assert.deepEqual(told, [{ run_id: "run-1-a1", dirs: ["/r/copy", "/r/whole"] }]);
});

Deno.test("renamedRecord() changes the name of the attempt and nothing else", () => {
  const record = {
    schema: "llem.result/1",
    run: { run_id: "x", attempt: 1, index: 3 },
    outcome: { kind: "ok" },
  };
  assert.deepEqual(renamedRecord(JSON.stringify(record), { run_id: "x_a2", attempt: 2 }), {
    ...record,
    run: { run_id: "x_a2", attempt: 2, index: 3 },
  });
});

Deno.test("an attempt that was superseded where it comes from decides nothing", () => {
  const shared = source("shared", starting(RUN_1), end(RUN_1, "04:00:00"), starting(RUN_1, 2), {
    ...end(RUN_1, "03:00:00", "completed", 2),
    superseded: true,
  });
  const early = source("early", starting(RUN_1), end(RUN_1, "03:30:00"));
  assert.equal(winner(RUN_1, shared, early), "early");
  const found = merge(shared);
  const state = foldJournal(found.journals.flatMap(({ events }) => events));
  assert.equal(state.entries.get(runKey(RUN_1))?.finished?.run_id, "run-1-a1");
});
