import assert from "node:assert/strict";
import { savedEnd } from "../../lib/archive/saved_end.ts";
import type { Outcome } from "../../lib/experiment/outcome.ts";
import type { Run } from "../../lib/experiment/run.ts";
import type { RunStarted } from "../../lib/journal/event.ts";
import type { ResultRecord } from "../../lib/results/record.ts";
import { SaveError } from "../../lib/storage/save_error.ts";
import { started } from "../support/events.ts";
import { FailingDisk } from "../support/failing_disk.ts";
import { configOf, planOf } from "../support/plans.ts";
import { CRASHED, recordOfRun } from "../support/records.ts";
import { TempFolder } from "../support/temp_folder.ts";

function theRun(): Run {
  const [run] = planOf([configOf()]).runs;
  assert.ok(run !== undefined);
  return run;
}

const never = (): boolean => false;

/** A study folder in which the result of a crashed attempt was saved, and the line that it began. */
function saved(change: (record: ResultRecord) => unknown = (record) => record): {
  readonly folder: TempFolder;
  readonly start: RunStarted;
} {
  const folder = new TempFolder();
  const start = started(theRun(), 3);
  const record = recordOfRun(theRun(), { outcome: CRASHED }, 3);
  const own = { ...record, run: { ...record.run, run_id: start.run_id } };
  Deno.mkdirSync(folder.at(start.folder), { recursive: true });
  folder.write(`${start.folder}/result.json`, JSON.stringify(change(own)));
  return { folder, start };
}

Deno.test("savedEnd() writes down what the result says, and asks whether another attempt was to follow", () => {
  const { folder, start } = saved();
  using _ = folder;
  for (const isRetried of [true, false]) {
    const asked: Outcome[] = [];
    const end = savedEnd(new FailingDisk(), folder.path, start, (outcome) => {
      asked.push(outcome);
      return isRetried;
    });
    assert.deepEqual(asked, [CRASHED]);
    assert.ok(end !== null);
    assert.deepEqual([end.kind, end.attempt, end.will_retry], ["crashed", 3, isRetried]);
    assert.equal(end.result_file, `${start.folder}/result.json`);
  }
});

Deno.test("savedEnd() takes no other file for the result", () => {
  const cases: readonly ((record: ResultRecord) => unknown)[] = [
    (record) => ({ ...record, run: { ...record.run, attempt: 2 } }),
    (record) => ({ ...record, run: { ...record.run, run_id: "another" } }),
    (record) => ({ ...record, run: { ...record.run, index: 9 } }),
    (record) => ({ ...record, run: { ...record.run, cycle: 9 } }),
    (record) => ({ ...record, run: { ...record.run, config_hash: "0" } }),
    () => ({}),
    () => "text",
  ];
  for (const change of cases) {
    const { folder, start } = saved(change);
    using _ = folder;
    assert.equal(savedEnd(new FailingDisk(), folder.path, start, never), null);
  }
  using empty = new TempFolder();
  assert.equal(savedEnd(new FailingDisk(), empty.path, started(theRun(), 3), never), null);
});

Deno.test("savedEnd() makes the name of the result durable before the journal may point at it", () => {
  const { folder, start } = saved();
  using _ = folder;
  const disk = new FailingDisk();
  savedEnd(disk, folder.path, start, never);
  assert.deepEqual(disk.done, [`syncFolder ${start.run_id}`, "syncFolder runs"]);
  for (const failAt of [1, 2]) {
    assert.throws(() => savedEnd(new FailingDisk(failAt), folder.path, start, never), SaveError);
  }
});

Deno.test("savedEnd() does not believe a record that makes no line of the journal", () => {
  const { folder, start } = saved((record) => ({
    ...record,
    outcome: { ...record.outcome, flags: Array.from({ length: 5_000 }, () => "leaked") },
  }));
  using _ = folder;
  assert.equal(savedEnd(new FailingDisk(), folder.path, start, never), null);
});
