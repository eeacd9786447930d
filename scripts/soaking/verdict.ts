import type { Manifest } from "../../lib/journal/manifest.ts";
import type { StoredPlan } from "../../lib/archive/stored_plan.ts";
import type { Summary } from "../../lib/results/summary.ts";
import { readEvents, resultDigest, settledEnds } from "./study_files.ts";

/** What went wrong in a round, one sentence each. */
export interface Verdict {
  /** Results that were there, or should be, and are not. */
  readonly lost: string[];
  /** Runs that count more than once. */
  readonly doubled: string[];
  /** Processes that lived on. */
  readonly orphans: string[];
  /** Anything else that does not add up. */
  readonly other: string[];
}

export function newVerdict(): Verdict {
  return { lost: [], doubled: [], orphans: [], other: [] };
}

/** Results on disk at some moment: attempt to digest. */
export type Snapshot = ReadonlyMap<string, string>;

/** What must still be there, byte by byte, at the end. */
export function takeSnapshot(studyDir: string, verdict: Verdict): Snapshot {
  const snapshot = new Map<string, string>();
  for (const end of settledEnds(readEvents(studyDir))) {
    const digest = resultDigest(studyDir, end);
    if (digest === null) verdict.lost.push(`the journal names ${end.result_file}, which is not there`);
    else snapshot.set(end.run_id, digest);
  }
  return snapshot;
}

/** Judges a study that has been resumed to its end. */
export function judge(studyDir: string, before: Snapshot, verdict: Verdict): void {
  const plan: StoredPlan = readJson(`${studyDir}/plan.json`);
  const ends = settledEnds(readEvents(studyDir));
  for (const index of plan.runs.keys()) {
    const count = ends.filter((end) => end.index === index + 1).length;
    if (count === 0) verdict.lost.push(`run ${index + 1} never ended`);
    if (count > 1) verdict.doubled.push(`run ${index + 1} ended ${count} times`);
  }
  for (const [runId, digest] of before) {
    const end = ends.find((each) => each.run_id === runId);
    if (end === undefined) verdict.lost.push(`${runId} is not in the journal any more`);
    else if (resultDigest(studyDir, end) !== digest) verdict.lost.push(`the result of ${runId} was changed`);
  }
  for (const end of ends) {
    if (resultDigest(studyDir, end) === null) verdict.lost.push(`${end.result_file} is not a whole result`);
  }
  judgeTotals(studyDir, ends.filter((end) => end.kind === "completed").length, plan.runs.length, verdict);
}

function judgeTotals(studyDir: string, completed: number, total: number, verdict: Verdict): void {
  const manifest: Manifest = readJson(`${studyDir}/manifest.json`);
  const counted = [manifest.total_experiments, manifest.completed, manifest.failed];
  const { interrupted, pending, experiments } = manifest;
  const expected = [total, completed, total - completed, 0, 0, total];
  const found = [...counted, interrupted, pending, experiments.length];
  if (String(found) !== String(expected)) verdict.other.push(`the manifest counts ${found}, not ${expected}`);
  const { rows }: Summary = readJson(`${studyDir}/summary.json`);
  const summed = rows.reduce((sum, row) => sum + row.completed, 0);
  const all = rows.reduce((sum, row) => sum + row.completed + row.failed + row.interrupted + row.pending, 0);
  if (summed !== completed || all !== total) {
    verdict.other.push(`the summary counts ${summed} of ${all}, not ${completed} of ${total}`);
  }
}

function readJson<T>(path: string): T {
  return JSON.parse(Deno.readTextFileSync(path));
}
