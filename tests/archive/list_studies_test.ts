import assert from "node:assert/strict";
import { join } from "node:path";
import { listStudies } from "../../lib/archive/list_studies.ts";
import { studyHead } from "../../lib/archive/study_head.ts";
import { CommandError } from "../../lib/base/refusal.ts";
import { listText } from "../../lib/report/studies/list_text.ts";
import { lookAtLock, tryLock } from "../../lib/storage/lock.ts";
import { OLD_STUDIES, oldStudy } from "../support/old_studies.ts";
import { syntheticStudy } from "../support/synthetic_study.ts";
import { TempFolder } from "../support/temp_folder.ts";

{
  // Loads libc before any test: a library that a test loads counts as a leak.
  using folder = new TempFolder();
  lookAtLock(folder.path);
}

function day(number: number): string {
  return `2026-02-0${number}T00:00:00.000Z`;
}

Deno.test("listStudies() shows the studies of a folder and of the folders in it, newest first", () => {
  using folder = new TempFolder();
  const plain = syntheticStudy(folder.path, { startedAt: day(1), failed: (index) => index === 2 });
  const inner = syntheticStudy(folder.at("project"), { startedAt: day(3) });
  syntheticStudy(folder.at("project", "too", "deep"), { startedAt: day(4) });
  const renamed = folder.at("baseline of May");
  Deno.renameSync(syntheticStudy(folder.path, { startedAt: day(2), name: "b" }), renamed);
  Deno.mkdirSync(folder.at("empty"));
  folder.write("notes.txt", "");
  const heads = listStudies(folder.path);
  assert.deepEqual(heads.map(({ study_dir }) => study_dir), [inner, renamed, plain]);
  assert.deepEqual(
    heads.map((
      { name, status, completed, failed, total, n_experiments, n_cycles, missing_results },
    ) => [name, status, completed, failed, total, n_experiments, n_cycles, missing_results]),
    [
      ["synthetic", "completed", 12, 0, 12, 4, 3, 0],
      ["b", "completed", 12, 0, 12, 4, 3, 0],
      ["synthetic", "failed", 11, 1, 12, 4, 3, 0],
    ],
  );
  assert.deepEqual(heads[0]?.configs, ["pytorch / org-synthetic-7b / bf16"]);
  assert.deepEqual(listStudies(inner).map(({ study_dir }) => study_dir), [inner]);
  assert.deepEqual(listStudies(folder.at("empty")), []);
});

Deno.test("listStudies() tells what is damaged, what has lost results, and what runs or was left by its runner", () => {
  using folder = new TempFolder();
  const [damaged, newer, unmade, lossy, left, running, copied] = [1, 2, 3, 4, 5, 6, 7].map((number) =>
    syntheticStudy(folder.path, { startedAt: day(number), experiments: 2, cycles: 1 })
  ) as [string, string, string, string, string, string, string];
  const plan = Deno.readTextFileSync(join(damaged, "plan.json"));
  Deno.writeTextFileSync(join(damaged, "plan.json"), plan.slice(0, 700));
  Deno.writeTextFileSync(
    join(newer, "plan.json"),
    '{\n "schema": "llem.plan/2",\n "llem_version": "7.0.0"\n}\n',
  );
  Deno.removeSync(join(newer, "manifest.json"));
  Deno.removeSync(join(unmade, "plan.json"));
  Deno.removeSync(join(lossy, "runs"), { recursive: true });
  for (const dir of [left, running]) {
    const path = join(dir, "journal.jsonl");
    const lines = Deno.readTextFileSync(path).split("\n").slice(0, -4);
    Deno.writeTextFileSync(path, lines.map((line) => `${line}\n`).join(""));
    Deno.removeSync(join(dir, "manifest.json"));
  }
  Deno.removeSync(join(copied, "manifest.json"));
  const owner = JSON.stringify({ pid: Deno.pid, host: Deno.hostname() });
  const lock = tryLock(join(running, "lock"), owner);
  assert.ok(lock.kind === "held");
  using _ = lock.lock;
  const heads = listStudies(folder.path);
  assert.deepEqual(heads.map(({ study_dir, status, completed }) => [study_dir, status, completed]), [
    [copied, "completed", 2],
    [running, "running", 1],
    [left, "interrupted", 1],
    [lossy, "interrupted", 0],
    [unmade, "damaged", 0],
    [newer, "damaged", 0],
    [damaged, "damaged", 0],
  ]);
  const text = listText(heads, Deno.hostname());
  assert.match(text, new RegExp(`running \\(pid ${Deno.pid}\\) +1/2 `));
  assert.match(text, /\n2 completed runs without a result in (\S+); llem run --resume \1 reruns 2 runs\.\n/);
  assert.match(text, /plan\.json is not a plan that this version of llem can read: llem 7\.0\.0 wrote it/);
  assert.match(text, /plan\.json is not a plan .*: it is damaged/);
  assert.match(text, /nothing has run in it\)\. Start the study again/);
});

Deno.test("listStudies() knows the studies of earlier versions", () => {
  using folder = new TempFolder();
  for (const name of OLD_STUDIES) oldStudy(folder.path, name);
  assert.deepEqual(
    listStudies(folder.path).map(({ status, total, problem }) => [status, total, problem]),
    [["completed", 2, null], ["failed", 2, null], ["completed", 2, null], ["completed", 2, null]],
  );
});

Deno.test("listStudies() refuses what is no folder, and looks at so many results and no more", () => {
  using folder = new TempFolder();
  folder.write("file", "");
  for (const path of [folder.at("nowhere"), folder.at("file")]) {
    assert.throws(() => listStudies(path), (error) => error instanceof CommandError && error.exitCode === 2);
  }
  const dir = syntheticStudy(folder.path);
  Deno.removeSync(join(dir, "runs"), { recursive: true });
  assert.equal(studyHead(dir, { results: 11 }).missing_results, null);
  const budget = { results: 30 };
  assert.equal(studyHead(dir, budget).missing_results, 12);
  assert.equal(budget.results, 18);
});
