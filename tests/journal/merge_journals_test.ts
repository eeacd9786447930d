import assert from "node:assert/strict";
import type { Run } from "../../lib/experiment/run.ts";
import { runKey } from "../../lib/experiment/run.ts";
import type { JournalEvent, RunFinished, StampedEvent } from "../../lib/journal/event.ts";
import {
  type AgreedEnds,
  type JournalPart,
  mergeJournals,
  NO_ENDS,
} from "../../lib/journal/merge_journals.ts";
import type { StudyAudit } from "../../lib/results/audit.ts";
import { closed, finished, opened, started } from "../support/events.ts";
import { configOf, planOf } from "../support/plans.ts";
import { Random } from "../support/random.ts";

const plan = planOf([1, 2, 3].map((n) => configOf({ n })), { n_cycles: 2 });
const [first, second, third] = plan.runs as [Run, Run, Run];

const stamped = (events: readonly JournalEvent[], from = 0): StampedEvent[] =>
  events.map((event, index) => ({ ...event, at: new Date(1e12 + 1000 * (from + index)).toISOString() }));

const part = (
  writer: string,
  events: readonly JournalEvent[],
  alive: boolean | null = false,
): JournalPart => ({
  writer,
  events: stamped([opened(plan), ...events]),
  alive,
});

const endsOf = (...ends: readonly (readonly [Run, RunFinished, number?])[]): AgreedEnds => ({
  runs: ends.map(([{ config_hash, cycle }, _, round = 1]) => ({ config_hash, cycle, round })),
  of: (run) => ends.find(([own]) => runKey(own) === runKey(run))?.[1] ?? null,
});

const standing = (parts: readonly JournalPart[], ends: AgreedEnds, run: Run): string => {
  const entry = mergeJournals(parts, ends, plan.runs.length).entries.get(runKey(run));
  return entry === undefined ? "pending" : `${entry.status} ${entry.attempt}`;
};

const superseded = (run: Run, attempt: number): RunFinished => ({
  ...finished(run, "completed", attempt),
  superseded: true,
});

Deno.test("mergeJournals() takes the attempt that has the end, whatever the journals say", () => {
  const one = part("a", [started(first), superseded(first, 1)]);
  const two = part("b", [started(first, 2), finished(first, "completed", 2)]);
  assert.equal(standing([one, two], endsOf([first, finished(first, "completed", 2)]), first), "completed 2");
  assert.equal(standing([one], NO_ENDS, first), "pending");
  // The winner died before its line: the end tells.
  const died = part("b", [started(first, 2)]);
  assert.equal(standing([one, died], endsOf([first, finished(first, "completed", 2)]), first), "completed 2");
  // Nobody's journal names it any more.
  assert.equal(standing([], endsOf([first, finished(first, "completed", 3)]), first), "completed 3");
});

Deno.test("mergeJournals() counts the last round of a run that was made again", () => {
  const failed = part("a", [started(first), finished(first, "crashed")]);
  const again = part("b", [started(first, 2)]);
  const ends = endsOf([first, finished(first, "completed", 2), 2]);
  assert.equal(standing([failed, again], ends, first), "completed 2");
});

Deno.test("mergeJournals() takes the best that is left where no end is", () => {
  const running = part("a", [started(first)], true);
  const lost = part("b", [started(first, 2), started(second)]);
  const stopped = part("c", [started(first, 3), finished(first, "interrupted", 3)]);
  assert.equal(standing([stopped, lost, running], NO_ENDS, first), "running 1");
  assert.equal(standing([stopped, lost], NO_ENDS, first), "interrupted 3");
  assert.equal(standing([lost], NO_ENDS, first), "lost 2");
  const [failed, completed] = [
    part("d", [started(third), finished(third, "crashed")]),
    part("e", [started(third, 2), finished(third, "completed", 2)]),
  ];
  assert.equal(standing([failed, completed, running], NO_ENDS, third), "completed 2");
});

Deno.test("mergeJournals() shows the worst of the audits that agents took, each on its own boards", () => {
  const audit = (answer: StudyAudit["answer"]): JournalEvent => (
    { type: "audit", answer, tolerance: 0.01, pairs: 6, numbers: [] }
  );
  const answerOf = (...answers: readonly StudyAudit["answer"][]): string | null => {
    const parts = answers.map((answer, index) => part(`agent${index}`, [audit(answer)]));
    return mergeJournals([...parts, part("none", [])], NO_ENDS, plan.runs.length).audit?.answer ?? null;
  };
  assert.equal(answerOf(), null);
  assert.equal(answerOf("within_tolerance", "within_tolerance"), "within_tolerance");
  assert.equal(answerOf("within_tolerance", "not_resolvable"), "not_resolvable");
  assert.equal(answerOf("within_tolerance", "not_resolvable", "differs"), "differs");
});

Deno.test("mergeJournals() says how the study stands", () => {
  const all = plan.runs.map((run) => finished(run));
  const status = (parts: readonly JournalPart[]) => mergeJournals(parts, NO_ENDS, plan.runs.length).status;
  assert.equal(status([part("a", all.slice(0, 3)), part("b", all.slice(3))]), "completed");
  assert.equal(status([part("a", all.slice(0, 3), true), part("b", [closed("interrupted")])]), "running");
  assert.equal(status([part("a", all.slice(0, 3)), part("b", [closed("interrupted")])]), "interrupted");
  const failed = finished(first, "crashed");
  assert.equal(status([part("a", [failed, ...all.slice(1)])]), "failed");
});

/** Journals of agents that made the runs in their own ways: some twice, some not to the end, some after a death. */
function madeUp(random: Random): { parts: JournalPart[]; ends: AgreedEnds } {
  const writers = Array.from({ length: random.integer(1, 5) }, (_, index) => `w${index}`);
  const lines = new Map(writers.map((writer): [string, JournalEvent[]] => [writer, [opened(plan)]]));
  const ends: [Run, RunFinished][] = [];
  for (const run of plan.runs) {
    let hasEnd = false;
    for (let attempt = 1; attempt <= random.integer(0, 3); attempt++) {
      const own = lines.get(random.pick(writers)) ?? [];
      own.push(started(run, attempt));
      const end = finished(run, random.pick(["completed", "crashed", "interrupted"] as const), attempt);
      const chance = random.next();
      if (end.kind === "interrupted") own.push(end);
      else if (hasEnd) own.push({ ...end, superseded: true });
      else if (chance < 0.8) {
        hasEnd = true;
        ends.push([run, end]);
        // The others died before the line.
        if (chance < 0.6) own.push(end);
      }
    }
  }
  const parts = writers.map((writer) => ({
    writer,
    events: stamped(lines.get(writer) ?? [], random.integer(0, 10_000)),
    alive: random.next() < 0.5,
  }));
  return { parts, ends: endsOf(...ends) };
}

Deno.test("mergeJournals() is the same however the journals took turns, and whatever their clocks said", () => {
  for (let seed = 1; seed <= 500; seed++) {
    const random = new Random(seed);
    const { parts, ends } = madeUp(random);
    const merged = mergeJournals(parts, ends, plan.runs.length);
    for (const run of ends.runs) {
      const entry = merged.entries.get(runKey(run));
      assert.equal(entry?.finished?.run_id, ends.of(run)?.run_id, `seed ${seed}`);
    }
    const shuffled = parts.toSorted(() => random.next() - 0.5);
    const shifted = shuffled.map((one) => {
      const byMs = random.integer(-1e8, 1e8);
      return {
        ...one,
        events: one.events.map((event) => ({
          ...event,
          at: new Date(Date.parse(event.at) + byMs).toISOString(),
        })),
      };
    });
    const again = mergeJournals(shifted, ends, plan.runs.length);
    const stand = ({ entries }: typeof merged): unknown =>
      [...entries].map(([key, { status, attempt, finished }]) => [key, status, attempt, finished?.run_id])
        .sort();
    assert.deepEqual(stand(again), stand(merged), `seed ${seed}`);
    assert.equal(again.status, merged.status);
  }
});
