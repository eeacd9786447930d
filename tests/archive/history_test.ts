import assert from "node:assert/strict";
import { join } from "node:path";
import { indexStudies } from "../../lib/archive/history/history_index.ts";
import { readConfiguration } from "../../lib/archive/history/read_history.ts";
import { CommandError } from "../../lib/base/refusal.ts";
import { type SyntheticStudy, syntheticStudy } from "../support/synthetic_study.ts";
import { lookAtLock } from "../../lib/storage/lock.ts";
import { OLD_STUDIES, oldStudy } from "../support/old_studies.ts";
import { TempFolder } from "../support/temp_folder.ts";

{
  // Loads libc before any test: a library that a test loads counts as a leak.
  using folder = new TempFolder();
  lookAtLock(folder.path);
}

/** A study of one configuration that began on this day of January. */
function study(root: string, day: number, wish: SyntheticStudy = {}): string {
  const startedAt = `2026-01-${String(day).padStart(2, "0")}T02:00:00.000Z`;
  return syntheticStudy(root, { experiments: 1, cycles: 2, seed: day, startedAt, ...wish });
}

/** Writes the manifest and every result anew. */
function rewrite(dir: string, change: (text: string) => string): void {
  const results = [...Deno.readDirSync(join(dir, "runs"))].map(({ name }) =>
    join("runs", name, "result.json")
  );
  for (const path of ["manifest.json", ...results].map((name) => join(dir, name))) {
    Deno.writeTextFileSync(path, change(Deno.readTextFileSync(path)));
  }
}

function withConfigHash(to: string): (text: string) => string {
  return (text) => text.replaceAll(/("config_hash":\s*)"[0-9a-f]+"/g, `$1"${to}"`);
}

function withJoinHash(to: string | null): (text: string) => string {
  return (text) => text.replaceAll(/("join_hash":\s*)"[0-9a-f]+"/g, `$1${JSON.stringify(to)}`);
}

Deno.test("a configuration is one by the content of its model, whatever the path; else by its hash", () => {
  using folder = new TempFolder();
  const dirs = [1, 2, 3, 4, 5].map((day) => study(folder.path, day));
  const [moved = "", retrained = "", old = ""] = dirs;
  rewrite(moved, withConfigHash("aaaaaaaaaaaaaaaa"));
  rewrite(retrained, withJoinHash("bbbbbbbbbbbbbbbb"));
  rewrite(old, (text) => text.replaceAll(/\s*"join_hash":\s*"[0-9a-f]+",/g, ""));
  const { configurations, studies, damaged } = indexStudies(folder.path);
  const [found, ...others] = configurations;
  assert.ok(found !== undefined);
  assert.deepEqual([studies, damaged.length, others.length], [5, 0, 0]);
  assert.equal(found.config_hashes.length, 2);
  assert.equal(found.config_hashes[1], "aaaaaaaaaaaaaaaa", "that of the newest study stands first");
  const read = readConfiguration(found, 50);
  assert.deepEqual(read.studies.map(({ study_dir }) => study_dir), [moved, old, ...dirs.slice(3)]);
  assert.equal(read.skipped.other_content, 1);
  assert.ok(
    read.studies.every(({ runs }) => runs.length === 2 && (runs[0]?.["j_per_output_token"] ?? 0) > 0),
  );
});

Deno.test("studies of another machine, without a completed run and beyond the last do not count", () => {
  using folder = new TempFolder();
  study(folder.path, 1);
  study(folder.path, 2, { gpu: "Another GPU" });
  study(folder.path, 3, { failed: () => true });
  const dirs = [4, 5].map((day) => study(folder.path, day));
  const [found] = indexStudies(folder.path).configurations;
  assert.ok(found !== undefined);
  const all = readConfiguration(found, 50);
  assert.deepEqual(all.skipped, {
    other_machine: 1,
    other_content: 0,
    no_runs: 1,
    older: 0,
    missing_results: 0,
  });
  assert.equal(all.machine, "Synthetic GPU, Synthetic CPU");
  const newest = readConfiguration(found, 2);
  assert.deepEqual(newest.studies.map(({ study_dir }) => study_dir), dirs);
  assert.equal(newest.skipped.older, 3);
  assert.equal(all.studies[0]?.circumstances["driver"], "555.42.06");
});

Deno.test("a damaged study and a damaged result are told, and a large folder is read within bounds", () => {
  using folder = new TempFolder();
  const [cut = "", short = ""] = [1, 2, 3].map((day) => study(folder.path, day));
  Deno.writeTextFileSync(join(cut, "plan.json"), "{");
  Deno.removeSync(join(cut, "manifest.json"));
  const [run] = [...Deno.readDirSync(join(short, "runs"))];
  Deno.truncateSync(join(short, "runs", run?.name ?? "", "result.json"), 100);
  const index = indexStudies(folder.path);
  assert.deepEqual(index.damaged.map(({ study_dir }) => study_dir), [cut]);
  const [found] = index.configurations;
  assert.ok(found !== undefined);
  const read = readConfiguration(found, 50);
  assert.deepEqual([read.studies.map(({ runs }) => runs.length), read.skipped.missing_results], [[1, 2], 1]);
  const bounded = indexStudies(folder.path, { studies: 1, configurations: 1 });
  assert.deepEqual([bounded.studies, bounded.truncated, bounded.damaged.length], [1, true, 0]);
  assert.deepEqual(indexStudies(short).configurations.length, 1, "a study directory is a folder of itself");
});

Deno.test("a folder that is none, and one without studies", () => {
  using folder = new TempFolder();
  assert.deepEqual(indexStudies(folder.path).configurations, []);
  assert.throws(() => indexStudies(join(folder.path, "none")), CommandError);
  Deno.writeTextFileSync(join(folder.path, "file"), "");
  assert.throws(() => indexStudies(join(folder.path, "file")), CommandError);
});

Deno.test("studies of earlier versions count", () => {
  using folder = new TempFolder();
  for (const name of OLD_STUDIES) oldStudy(folder.path, name);
  const { configurations, studies, damaged } = indexStudies(folder.path);
  assert.deepEqual([studies, damaged], [OLD_STUDIES.length, []]);
  const read = configurations.map((configuration) => readConfiguration(configuration, 50));
  const seen = new Set(read.flatMap(({ studies: found }) => found.map(({ study_dir }) => study_dir)));
  assert.equal(seen.size, OLD_STUDIES.length);
});
