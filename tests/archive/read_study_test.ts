import assert from "node:assert/strict";
import { join } from "node:path";
import { withoutMissing } from "../../lib/archive/missing_results.ts";
import { openStudy } from "../../lib/archive/open_study.ts";
import { readStudy } from "../../lib/archive/read_study.ts";
import { CommandError } from "../../lib/base/refusal.ts";
import { missingResultLines } from "../../lib/report/studies/missing_results.ts";
import type { StudyTable, TableRun } from "../../lib/results/study_table.ts";
import { lookAtLock } from "../../lib/storage/lock.ts";
import { OLD_STUDIES, oldStudy } from "../support/old_studies.ts";
import { syntheticStudy } from "../support/synthetic_study.ts";
import { TempFolder } from "../support/temp_folder.ts";

{
  // Loads libc before any test: a library that a test loads counts as a leak.
  using folder = new TempFolder();
  lookAtLock(folder.path);
}

function shortOf({ standing, attempt, attempts }: TableRun): string {
  return `${standing} ${attempt} ${attempts.map(({ outcome }) => outcome).join("+")}`;
}

function counts({ runs }: StudyTable): Record<string, number> {
  return Object.fromEntries(
    [...Map.groupBy(runs, ({ standing }) => standing)].map(([standing, { length }]) => [standing, length]),
  );
}

/** Lines of a journal without the last ones, as of a runner that was killed. */
function cutJournal(dir: string, lines: number, file = "journal.jsonl"): string {
  const path = join(dir, file);
  const all = Deno.readTextFileSync(path).split("\n").slice(0, -1);
  Deno.writeTextFileSync(path, all.slice(0, -lines).map((line) => `${line}\n`).join(""));
  return all.slice(-lines).map((line) => `${line}\n`).join("");
}

Deno.test("readStudy() reads what each earlier version of llem left", () => {
  using folder = new TempFolder();
  for (const name of OLD_STUDIES) {
    const table = readStudy(oldStudy(folder.path, name));
    const shorts = table.runs.map(shortOf);
    if (name === "before_join_hash") {
      assert.deepEqual(shorts, ["completed 2 crashed+completed", "failed 2 crashed+crashed"]);
      assert.equal(table.status, "failed");
      continue;
    }
    assert.deepEqual([table.status, ...shorts], [
      "completed",
      "completed 1 completed",
      "completed 1 completed",
    ], name);
    assert.deepEqual(table.summary.rows.map(({ metrics }) => metrics["score"]?.mean), [3.5], name);
    assert.equal(table.runs.every(({ summary }) => summary?.metrics["output_tokens"] === 20), true, name);
    assert.equal(table.environment?.["schema"], "llem.environment/1");
  }
});

Deno.test("readStudy() tells of every attempt, failed ones too, by its outcome and times", () => {
  using folder = new TempFolder();
  const dir = syntheticStudy(folder.path, {
    experiments: 2,
    cycles: 2,
    retried: (index) => index === 2,
    failed: (index) => index === 3,
  });
  const table = readStudy(dir);
  assert.equal(table.status, "failed");
  assert.deepEqual(table.runs.map(shortOf), [
    "completed 1 completed",
    "completed 2 crashed+completed",
    "failed 1 crashed",
    "completed 1 completed",
  ]);
  const [first, second] = table.runs[1]?.attempts ?? [];
  assert.deepEqual(
    [first?.will_retry, first?.started_at, first?.ended_at, second?.started_at],
    [true, "2026-01-02T03:04:15.000Z", "2026-01-02T03:04:25.000Z", "2026-01-02T03:04:25.000Z"],
  );
  assert.deepEqual(
    table.runs.map(({ summary }) => summary?.energy?.headline_j !== undefined),
    [true, true, false, true],
  );
});

Deno.test("readStudy() calls a run missing whose result is gone, cut off or of another run, and says how to make it again", () => {
  using folder = new TempFolder();
  const dir = syntheticStudy(folder.path, { experiments: 3, cycles: 2 });
  const whole = readStudy(dir);
  assert.deepEqual([whole.status, missingResultLines(whole)], ["completed", []]);
  const path = (index: number): string => join(dir, whole.runs[index - 1]?.result_file ?? "");
  Deno.removeSync(path(1));
  Deno.truncateSync(path(2), 100);
  Deno.writeTextFileSync(path(3), "");
  Deno.copyFileSync(path(6), path(4));
  Deno.writeTextFileSync(path(5), "no JSON\n");
  const table = readStudy(dir);
  assert.deepEqual([table.status, counts(table)], ["interrupted", { missing: 5, completed: 1 }]);
  assert.deepEqual(table.runs.map(({ summary }) => summary === null), [true, true, true, true, true, false]);
  const lines = missingResultLines(table);
  assert.equal(lines.length, 6);
  assert.equal(lines[0], `run 1 is not counted: its result ${path(1)} is missing or damaged.`);
  assert.equal(lines[5], `llem run --resume ${dir} reruns 5 runs.`);
});

Deno.test("readStudy() names the first missing results of many", () => {
  using folder = new TempFolder();
  const dir = syntheticStudy(folder.path, { experiments: 4, cycles: 3 });
  Deno.removeSync(join(dir, "runs"), { recursive: true });
  const lines = missingResultLines(readStudy(dir));
  assert.deepEqual(lines.slice(10), ["and 2 more.", `llem run --resume ${dir} reruns 12 runs.`]);
});

Deno.test("readStudy() reads a study that was moved, renamed and made read-only", () => {
  using folder = new TempFolder();
  const dir = syntheticStudy(folder.path, { experiments: 2, cycles: 2, requests: 3, powerReadings: 5 });
  const before = readStudy(dir);
  const moved = folder.at("deep", "my study");
  Deno.mkdirSync(folder.at("deep"));
  Deno.renameSync(dir, moved);
  assert.ok(new Deno.Command("chmod", { args: ["-R", "a-w", moved] }).outputSync().success);
  try {
    const after = readStudy(moved);
    assert.deepEqual({ ...after, dir, id: before.id }, before);
    assert.deepEqual([after.dir, after.id], [moved, "my study"]);
  } finally {
    new Deno.Command("chmod", { args: ["-R", "u+w", moved] }).outputSync();
  }
});

Deno.test("readStudy() calls lost what a dead runner was making, and the study interrupted", () => {
  using folder = new TempFolder();
  const dir = syntheticStudy(folder.path, { experiments: 2, cycles: 2 });
  // Without the end of run 3, run 4 and the end of the study.
  cutJournal(dir, 4);
  const table = readStudy(dir);
  assert.deepEqual(
    [table.status, table.runner.alive, counts(table)],
    ["interrupted", false, { completed: 2, lost: 1, pending: 1 }],
  );
  assert.deepEqual(table.runs.map(shortOf).slice(2), ["lost 1 running", "pending 0 "]);
  assert.equal(table.runs[2]?.started_at, "2026-01-02T03:04:25.000Z");
});

Deno.test("readStudy() takes the journals of several writers together, and leaves a torn line out", () => {
  using folder = new TempFolder();
  const dir = syntheticStudy(folder.path, { experiments: 2, cycles: 2 });
  const before = readStudy(dir);
  const rest = cutJournal(dir, 5);
  Deno.mkdirSync(join(dir, "journals"));
  Deno.writeTextFileSync(join(dir, "journals", "node2.jsonl"), rest);
  assert.deepEqual(readStudy(dir), before);
  Deno.writeTextFileSync(join(dir, "journal.jsonl"), '{"v":1,"at":"2026', { append: true });
  assert.deepEqual(readStudy(dir), before);
});

Deno.test("readStudy() refuses what is no study with a sentence and exit code 2", () => {
  using folder = new TempFolder();
  const dir = syntheticStudy(folder.path);
  Deno.mkdirSync(folder.at("empty"));
  folder.write("file", "");
  const refused: readonly (readonly [path: string, sentence: RegExp])[] = [
    [folder.at("nowhere"), /nowhere is not a study directory: it does not exist\. llem list shows/],
    [
      folder.at("file"),
      /file is not a study directory: it is a file\. Name the directory that llem run made\.$/,
    ],
    [folder.at("empty"), /empty is not a study directory: it has no plan\.json\. llem list shows/],
    [folder.path, /is not a study directory; it holds a study, the newest in /],
  ];
  for (const [path, sentence] of refused) {
    assert.throws(() => readStudy(path), (error: unknown) => {
      assert.ok(error instanceof CommandError);
      assert.deepEqual([error.exitCode, sentence.test(error.message)], [2, true], error.message);
      return true;
    });
  }
  const plan = join(dir, "plan.json");
  const text = Deno.readTextFileSync(plan);
  Deno.writeTextFileSync(plan, text.replace("llem.plan/1", "llem.plan/2").replaceAll('"0.1.0"', '"9.0.0"'));
  assert.throws(
    () => readStudy(dir),
    /llem 9\.0\.0 wrote it as llem\.plan\/2\. Use that version/,
  );
  Deno.writeTextFileSync(plan, text.slice(0, 500));
  assert.throws(() => readStudy(dir), /plan\.json is not a plan .*: it is damaged/);
});

Deno.test("withoutMissing() sees at a glance that a result has lost something of its middle", () => {
  using folder = new TempFolder();
  const dir = syntheticStudy(folder.path, { experiments: 1, cycles: 2 });
  const { state } = openStudy(dir);
  assert.equal(withoutMissing(dir, state), state);
  const [, second] = [...state.entries.values()];
  const path = join(dir, second?.finished?.result_file ?? "");
  const text = Deno.readTextFileSync(path);
  Deno.writeTextFileSync(path, text.slice(0, 500) + text.slice(600));
  const found = withoutMissing(dir, state);
  assert.deepEqual([...found.entries.values()].map(({ status }) => status), ["completed", "lost"]);
  assert.equal(found.status, "interrupted");
});
