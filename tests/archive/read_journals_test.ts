import assert from "node:assert/strict";
import { join } from "node:path";
import { readJournals } from "../../lib/archive/read_journals.ts";
import { CommandError } from "../../lib/base/refusal.ts";
import type { Run } from "../../lib/experiment/run.ts";
import type { JournalEvent } from "../../lib/journal/event.ts";
import { foldJournal } from "../../lib/journal/fold.ts";
import { encodeLine } from "../../lib/journal/journal_line.ts";
import { closed, finished, opened, started } from "../support/events.ts";
import { configOf, planOf } from "../support/plans.ts";
import { TempFolder } from "../support/temp_folder.ts";

const plan = planOf([1, 2, 3].map((a) => configOf({ params: { a } })));
const [first, second, third] = plan.runs as [Run, Run, Run];

type Stamped = readonly [second: number, event: JournalEvent];

function write(path: string, events: readonly Stamped[], tail = ""): void {
  const lines = events.map(([at, event]) =>
    encodeLine(event, `2026-01-01T00:00:${String(at).padStart(2, "0")}.000Z`)
  );
  Deno.writeTextFileSync(path, lines.join("") + tail);
}

/** A study of three runs that three writers took: the directory's own, and two more. */
function folderOfThree(folder: TempFolder): void {
  Deno.mkdirSync(folder.at("journals"));
  write(folder.at("journal.jsonl"), [[1, opened(plan)], [3, started(first)], [9, finished(first)]]);
  write(join(folder.at("journals"), "b.jsonl"), [
    [2, opened(plan, "study_resumed")],
    [4, started(second)],
    [8, finished(second, "crashed")],
    [20, closed("failed")],
  ]);
  // This writer's clock went back after its first line.
  write(join(folder.at("journals"), "a.jsonl"), [[7, started(third)], [5, finished(third)]]);
}

Deno.test("readJournals() puts the lines of every journal in order, each writer's lines in its own", () => {
  using folder = new TempFolder();
  folderOfThree(folder);
  const { main, events } = readJournals(folder.path);
  assert.equal(main.events.length, 3);
  assert.deepEqual(
    events.map((event) => "index" in event ? `${event.type} ${event.index}` : event.type),
    [
      "study_started",
      "study_resumed",
      "run_started 1",
      "run_started 2",
      "run_started 3",
      "run_finished 3",
      "run_finished 2",
      "run_finished 1",
      "study_finished",
    ],
  );
  const { status, entries } = foldJournal(events);
  assert.equal(status, "failed");
  assert.deepEqual([...entries.values()].map((entry) => entry.status).sort(), [
    "completed",
    "completed",
    "failed",
  ]);
});

Deno.test("readJournals() does not depend on the names of the journals", () => {
  using folder = new TempFolder();
  folderOfThree(folder);
  const before = readJournals(folder.path).events;
  Deno.renameSync(folder.at("journals/a.jsonl"), folder.at("journals/z.jsonl"));
  assert.deepEqual(readJournals(folder.path).events, before);
});

Deno.test("readJournals() takes a directory without journals, and one whose own journal is missing", () => {
  using folder = new TempFolder();
  assert.deepEqual(readJournals(folder.path).events, []);
  Deno.mkdirSync(folder.at("journals"));
  write(folder.at("journals/a.jsonl"), [[1, started(first)]], "torn li");
  Deno.writeTextFileSync(folder.at("journals/notes.txt"), "no journal");
  assert.deepEqual(readJournals(folder.path).events.map(({ type }) => type), ["run_started"]);
});

Deno.test("readJournals() names the journal that is damaged", () => {
  using folder = new TempFolder();
  folderOfThree(folder);
  const path = folder.at("journals/b.jsonl");
  Deno.writeTextFileSync(path, Deno.readTextFileSync(path).replace('"run_started"', '"run_st'));
  assert.throws(() => readJournals(folder.path), (error: Error) => {
    assert.ok(error instanceof CommandError);
    return error.exitCode === 2 && error.message.startsWith(`${path}: The journal is damaged`);
  });
});
