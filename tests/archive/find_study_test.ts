import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { findStudy, newestUnfinished } from "../../lib/archive/find_study.ts";
import { createStudyFolder } from "../../lib/archive/study_folder.ts";
import { StudyInputs } from "../../lib/inputs/study_inputs.ts";
import type { Plan } from "../../lib/plan/plan.ts";
import { realDisk } from "../../lib/storage/disk.ts";
import { lookAtLock } from "../../lib/storage/lock.ts";
import { configOf, planOf } from "../support/plans.ts";
import { TempFolder } from "../support/temp_folder.ts";

{
  // Loads libc before any test: a library that a test loads counts as a leak.
  using folder = new TempFolder();
  lookAtLock(folder.path);
}

const plan = planOf([configOf({ params: { a: 1 } })], { n_cycles: 1 });

function named(name: string | null): Plan {
  return { ...plan, name };
}

function make(folder: TempFolder, name: string | null): string {
  const source = { text: new Uint8Array(), base_dir: folder.path, inputs: new StudyInputs() };
  return createStudyFolder(realDisk, folder.path, source, named(name));
}

function found(folder: TempFolder, name: string | null): string | null {
  return findStudy(named(name), folder.path, { retryFailed: false }).unfinished;
}

Deno.test("fault 65: findStudy() tells studies apart by their whole names, whatever a folder's name keeps of them", () => {
  using folder = new TempFolder();
  const long = "x".repeat(70);
  const pairs: readonly (readonly [one: string | null, other: string | null])[] = [
    ["\u65e5\u672c", "\u4e2d\u56fd"],
    ["\ud83d\ude00", "\ud83d\ude80"],
    ["a b", "a-b"],
    ["a/b", "a b"],
    ["Study", "study"],
    [`${long}1`, `${long}2`],
    ["!", null],
    ["\u00e9t\u00e9", "e-te"],
  ];
  for (const [one, other] of pairs) {
    const dir = make(folder, one);
    assert.equal(found(folder, one), dir, String(one));
    assert.equal(found(folder, other), null, String(other));
    Deno.removeSync(dir, { recursive: true });
  }
});

Deno.test("findStudy() takes two spellings that Unicode calls equal for one name", () => {
  using folder = new TempFolder();
  const dir = make(folder, "\u00e9t\u00e9");
  assert.equal(found(folder, "e\u0301te\u0301"), dir);
});

Deno.test("findStudy() finds what an earlier llem made, whose folders had letters of ASCII alone", () => {
  using folder = new TempFolder();
  const dir = make(folder, "\u65e5\u672c a");
  const older = join(folder.path, basename(dir).replace(/^.*?(?=_\d{4}-)/, "a"));
  Deno.renameSync(dir, older);
  assert.equal(found(folder, "\u65e5\u672c a"), older);
  assert.equal(found(folder, "a"), null);
});

Deno.test("the folder of a study has its name in any script, and never more bytes than a name may have", () => {
  using folder = new TempFolder();
  assert.match(basename(make(folder, "\u65e5\u672c")), /^\u65e5\u672c_\d{4}-/);
  for (const letter of ["x", "\u00e9", "\u65e5", "\ud840\udc00"]) {
    const dir = make(folder, letter.repeat(300));
    assert.ok(new TextEncoder().encode(basename(dir)).length <= 255);
  }
});

Deno.test("newestUnfinished() takes the newest study of a folder with something left to do", () => {
  using folder = new TempFolder();
  assert.equal(newestUnfinished(folder.path), null);
  const dir = make(folder, "one");
  Deno.mkdirSync(folder.at("two_2099-01-01T00-00-00_aaaa"));
  folder.write("two_2099-01-01T00-00-00_aaaa/plan.json", "{}");
  assert.equal(newestUnfinished(folder.path), dir);
});
