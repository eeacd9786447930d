/** Computes the results of a study again from what was kept of its requests, and judges them by its `slo`. */
import { join } from "node:path";
import type { RunFinished } from "../journal/event.ts";
import type { StudyState } from "../journal/fold.ts";
import { isSameSlo } from "../results/goodput.ts";
import { reanalysed } from "../results/reanalysed.ts";
import { readRequests } from "../results/read_requests.ts";
import type { ResultRecord } from "../results/record.ts";
import { recordFile } from "../results/record_file.ts";
import type { RequestTally } from "../results/request_tally.ts";
import type { Disk } from "../storage/disk.ts";
import { SaveError } from "../storage/save_error.ts";
import type { Slo } from "../study/slo_schema.ts";
import { requestsGone, requestsLeftOut, requestsUnreadable, SAVED } from "./messages.ts";
import { changePlan } from "./change_plan.ts";
import { readResult } from "./read_result.ts";

/** What became of the results of a study. */
export interface Reanalysis {
  /** Runs whose results were computed again. */
  readonly done: number;
  /** Runs whose requests tell no more, with the reason. */
  readonly left: readonly { readonly index: number; readonly reason: string }[];
}

/** `all`: every result; `judged_otherwise`: those without a verdict by this `slo`. */
export type ReanalysisScope = "all" | "judged_otherwise";

/**
 * Computes the results of runs that have ended again and puts them in the place of the old ones, each at once or not at
 * all. Needs the lock of the study. Throws SaveError.
 */
export function reanalyse(
  disk: Disk,
  dir: string,
  { entries }: Pick<StudyState, "entries">,
  slo: Slo | null,
  scope: ReanalysisScope,
): Reanalysis {
  const left: { index: number; reason: string }[] = [];
  let done = 0;
  for (const { finished } of entries.values()) {
    const record = finished === null || finished.kind === "lost" ? null : readResult(dir, finished);
    if (finished === null || record === null) continue;
    if (scope === "judged_otherwise" && !isJudgedOtherwise(record, slo)) continue;
    const requests = requestsOf(dir, finished, record, slo);
    if (requests === null) continue;
    if ("reason" in requests) left.push({ index: finished.index, reason: requests.reason });
    else {
      save(disk, join(dir, finished.result_file ?? ""), reanalysed(record, requests));
      done += 1;
    }
  }
  return { done, left };
}

function isJudgedOtherwise({ slo: verdict, measurement }: ResultRecord, slo: Slo | null): boolean {
  if (verdict === undefined) return slo !== null && measurement !== null;
  return !isSameSlo(verdict.limits, slo);
}

/** Null for a run that has none. */
function requestsOf(
  dir: string,
  { result_file }: RunFinished,
  { warnings, latency }: ResultRecord,
  slo: Slo | null,
): RequestTally | { readonly reason: string } | null {
  if (warnings.some(({ code }) => code === "requests_left_out")) return { reason: requestsLeftOut() };
  try {
    return readRequests(join(dir, result_file ?? "", "..", "requests.jsonl"), slo) ??
      { reason: requestsUnreadable(null) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return latency === null ? null : { reason: requestsGone() };
    return { reason: requestsUnreadable((error as Error).message) };
  }
}

function save(disk: Disk, path: string, record: ResultRecord): void {
  try {
    disk.replace(path, recordFile(record));
  } catch (error) {
    throw new SaveError(SAVED.result, path, error);
  }
}

/** Makes this the promise of a study that was planned with another one. Needs the lock of the study. Throws SaveError. */
export function storeSlo(disk: Disk, dir: string, slo: Slo | null): void {
  changePlan(disk, dir, (plan) => ({ ...plan, slo }));
}
