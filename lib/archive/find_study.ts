import { join } from "node:path";
import { isOpenEnded } from "../journal/manifest.ts";
import { standingOf } from "../journal/standing.ts";
import { runKey } from "../experiment/run.ts";
import type { Plan } from "../plan/plan.ts";
import { isNamedAlike, planDifferences } from "../plan/plan_differences.ts";
import { type ResumeOptions, runsToResume } from "../plan/resume.ts";
import { ownRuns } from "../plan/shard.ts";
import { lookAtLock, readOwner } from "../storage/lock.ts";
import { BusyError, describeOwner } from "./busy.ts";
import { CommandError } from "../base/refusal.ts";
import { studyBusy } from "./messages.ts";
import { withoutMissing } from "./missing_results.ts";
import { studiesIn, studyNamePrefix, studyNamesIn } from "./studies_in.ts";
import { openStudy } from "./open_study.ts";
import { readStoredPlan, studyPrefixes } from "./study_folder.ts";

/** What there is of a study in a folder for study directories. */
export interface FoundStudy {
  /** The newest directory of it with something left to do; null where there is none. */
  readonly unfinished: string | null;
  /** The newest directory of it with nothing left to do; null where there is none. */
  readonly finished: string | null;
}

/**
 * Looks for directories of exactly this study: the same experiments and cycles under the same name. Throws BusyError
 * where a runner is alive in one of them, and CommandError where one of them cannot be read.
 */
export function findStudy(plan: Plan, folder: string, options: ResumeOptions): FoundStudy {
  const dirs = directoriesOf(plan, folder);
  const busy = dirs.find(isLocked);
  if (busy !== undefined) {
    throw new BusyError(studyBusy(busy, describeOwner(readOwner(join(busy, "lock")), busy)));
  }
  let finished: string | null = null;
  for (const dir of dirs) {
    if (hasWork(dir, options)) return { unfinished: dir, finished };
    finished ??= dir;
  }
  return { unfinished: null, finished };
}

/** No more studies than this are looked at for one to go on with. */
const MOST_LOOKED_AT = 20;

/** The newest study of a folder that has something left to do and no runner; null where none of the newest ones has. */
export function newestUnfinished(folder: string): string | null {
  return studiesIn(folder).slice(0, MOST_LOOKED_AT).find((dir) => {
    try {
      return !isLocked(dir) && hasWork(dir, { retryFailed: false });
    } catch (error) {
      if (error instanceof CommandError) return false;
      throw error;
    }
  }) ?? null;
}

/** Newest first: the name holds the time of the start. */
function directoriesOf(plan: Plan, folder: string): string[] {
  const prefixes = studyPrefixes(plan);
  const names = studyNamesIn(folder).filter((name) => prefixes.includes(studyNamePrefix(name) ?? ""));
  return names.map((name) => join(folder, name)).filter((dir) => isOf(plan, dir));
}

/** A directory without a plan that we can read is none of this study's. */
function isOf(plan: Plan, dir: string): boolean {
  try {
    const stored = readStoredPlan(dir).plan;
    return isNamedAlike(stored, plan) && planDifferences(stored, plan).length === 0;
  } catch (error) {
    if (error instanceof CommandError) return false;
    throw error;
  }
}

/** True while a runner holds it. */
function isLocked(dir: string): boolean {
  return lookAtLock(join(dir, "lock")).kind === "held";
}

function hasWork(dir: string, options: ResumeOptions): boolean {
  const { plan, state } = openStudy(dir);
  const known = withoutMissing(dir, state);
  const { status, entries } = known;
  // A runner that died after the last run has left the study's end to be written, or the next look to be taken.
  return status === "running" || plan.execution.until !== null && isOpenEnded(known) ||
    runsToResume(ownRuns(plan), (run) => standingOf(entries.get(runKey(run))), options).length > 0;
}
