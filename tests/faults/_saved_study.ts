/** What must hold of a study directory after any trouble, and after the study was taken up again. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { RunFinished, StampedEvent } from "../../lib/journal/event.ts";
import { type JournalContents, parseJournal } from "../../lib/journal/journal.ts";
import type { Summary, SummaryRow } from "../../lib/results/summary.ts";
import { llem, readJson, readManifest, readResult, until } from "../e2e/llem.ts";

/** The journal of a study directory; empty where there is none yet. Throws where it is damaged. */
export function readJournal(dir: string): JournalContents {
  try {
    return parseJournal(Deno.readFileSync(join(dir, "journal.jsonl")));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return parseJournal(new Uint8Array());
  }
}

/** The ends of runs that completed. */
export function completedRuns(events: readonly StampedEvent[]): (RunFinished & { at: string })[] {
  return events.filter((event) => event.type === "run_finished").filter(({ kind }) => kind === "completed");
}

/** Every result that the journal names, by its path: there, whole, and of that attempt. */
export function namedResults(dir: string): Map<string, string> {
  const results = new Map<string, string>();
  for (const event of readJournal(dir).events) {
    if (event.type !== "run_finished" || event.result_file === null) continue;
    const { run, outcome, llem_version } = readResult(join(dir, event.result_file, ".."));
    assert.deepEqual([run.run_id, run.attempt, outcome.kind], [event.run_id, event.attempt, event.kind]);
    assert.match(llem_version, /^\d/);
    results.set(event.result_file, Deno.readTextFileSync(join(dir, event.result_file)));
  }
  return results;
}

/** Results that are on the disk, whole, whether the journal names them or not. */
export function wholeResults(dir: string): Map<string, string> {
  const results = new Map<string, string>();
  for (const { name } of Deno.readDirSync(join(dir, "runs"))) {
    const path = `runs/${name}/result.json`;
    try {
      readResult(join(dir, "runs", name));
      results.set(path, Deno.readTextFileSync(join(dir, path)));
    } catch (error) {
      assert.ok(error instanceof Deno.errors.NotFound, `half a ${path}`);
    }
  }
  return results;
}

/** Asserts that `llem status` agrees with the journal, at any time. */
export async function assertStatus(dir: string, total: number): Promise<void> {
  const { code, stdout, stderr } = await llem(["status", dir, "--json"]);
  assert.equal(code, 0, stderr);
  const { completed, failed, interrupted, pending, total_experiments } = JSON.parse(stdout);
  assert.deepEqual([total_experiments, completed + failed + interrupted + pending], [total, total]);
  assert.equal(completed, completedRuns(readJournal(dir).events).length);
}

/**
 * Takes a study up again and asserts that it completes: every run exactly once, what was finished before untouched
 * and not run again, every file in agreement and nothing left over. `keep` are results that must survive.
 */
export async function assertResumes(dir: string, total: number, keep: Map<string, string>): Promise<void> {
  const before = readJournal(dir).events;
  const { code, stderr } = await llem(["run", "--resume", dir]);
  assert.equal(code, 0, stderr);
  const { events, torn_bytes } = readJournal(dir);
  assert.equal(torn_bytes, 0);
  assert.deepEqual(events.slice(0, before.length), before);
  const completed = completedRuns(events);
  assert.deepEqual(completed.map(({ index }) => index).sort(), range(total), "every run, and none twice");
  for (const [path, text] of keep) {
    assert.equal(Deno.readTextFileSync(join(dir, path)), text, `${path} is as it was`);
    const attempts = completed.filter(({ result_file }) => result_file === path);
    assert.equal(attempts.length, 1, `the result ${path} counts`);
  }
  for (const { index } of completedRuns(before)) {
    const starts = events.slice(before.length).filter((event) =>
      (event.type === "run_starting" || event.type === "run_started") && event.index === index
    );
    assert.equal(starts.length, 0, `run ${index} had completed and is not run again`);
  }
  await assertComplete(dir, total);
}

/** Asserts that everything a complete study leaves is there, agrees, and that nothing else is. */
export async function assertComplete(dir: string, total: number): Promise<void> {
  const { status, completed, pending, experiments } = readManifest(dir);
  assert.deepEqual([status, completed, pending], ["completed", total, 0]);
  assert.ok(experiments.every((entry) => entry.status === "completed"));
  assert.ok((await llem(["status", dir])).stdout.includes(`completed, ${total} of ${total} runs completed`));
  const shown: SummaryRow[] = JSON.parse((await llem(["show", dir, "--json"])).stdout);
  assert.deepEqual(
    shown.map(({ values: _, ...row }) => row),
    readJson<Summary>(join(dir, "summary.json")).rows,
  );
  assert.equal(shown.reduce((sum, row) => sum + row.completed, 0), total);
  assert.equal(namedResults(dir).size >= total, true);
  for (const name of ["study.yaml", "environment.json", "plan.json", "summary.csv"]) {
    assert.ok(Deno.statSync(join(dir, name)).isFile, name);
  }
  assert.deepEqual(leftovers(dir), []);
}

/** Half-written files and the pinned program, which no study may keep. */
export function leftovers(dir: string): string[] {
  return [...Deno.readDirSync(dir)].flatMap(({ name, isDirectory }) => {
    const inside = isDirectory ? leftovers(join(dir, name)).map((below) => `${name}/${below}`) : [];
    return [...inside, ...(/\.tmp-|^\.llem/.test(name) ? [name] : [])];
  });
}

/** Asserts that no worker of a study below this folder is left. */
export async function assertWorkersGone(folder: string): Promise<void> {
  await until(`the workers in ${folder} to be gone`, () => workersOf(folder).length === 0);
}

/** Processes whose environment names a study below the folder. */
function workersOf(folder: string): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) => {
    try {
      return pid > 0 && Deno.readTextFileSync(`/proc/${pid}/environ`).includes(`LLEM_STUDY_DIR=${folder}`);
    } catch {
      return false; // Gone, or not ours.
    }
  });
}

/** Does something for each item, several at once; after a failure no other is begun. */
export async function inParallel<T>(items: readonly T[], action: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const lane = async (): Promise<void> => {
    try {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await action(item);
    } finally {
      queue.length = 0;
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: navigator.hardwareConcurrency }, lane));
  for (const ended of lanes) if (ended.status === "rejected") throw ended.reason;
}

function range(n: number): number[] {
  return Array.from({ length: n }, (_, index) => index + 1);
}
