import { resolve } from "node:path";
import { lockStudy } from "../archive/locks.ts";
import { reanalyse } from "../archive/reanalyse.ts";
import { openStudyFolder } from "../archive/study_folder.ts";
import { saveSummary, SummaryBuilder } from "../archive/summary_builder.ts";
import { stateOf } from "../archive/open_study.ts";
import type { Summary } from "../results/summary.ts";
import { realDisk } from "../storage/disk.ts";
import { asPrivateAs } from "../storage/private_files.ts";
import { refuseChangedStudy } from "./changed_study.ts";
import { judgedBy, takeSlo, tellLeft } from "./judge_anew.ts";
import { resultsReanalysed } from "./messages.ts";
import { lockTaker } from "./open_study.ts";
import type { StudyRequest } from "./run_request.ts";
import { type EmitSession, importantNotice } from "./session_event.ts";

/**
 * Computes all results of a study again from its requests, by the `slo` of the study file where one is given, and writes its
 * summary. Runs nothing. Throws BusyError where somebody runs the study, CommandError and SaveError.
 */
export function reanalyseStudy(request: StudyRequest, path: string, emit: EmitSession): Summary {
  const dir = resolve(path);
  using _private = asPrivateAs(dir);
  // Before the lock: a folder that is no study must not be touched.
  const { base_dir } = openStudyFolder(dir);
  using _lock = lockStudy(dir, lockTaker({ noLock: false }, base_dir));
  const say = importantNotice(emit);
  const stored = openStudyFolder(dir);
  const judged = judgedBy(stored, refuseChangedStudy(request, stored, emit).slo);
  const { plan } = judged;
  takeSlo(stored, plan.slo, say);
  const state = stateOf(judged);
  const found = reanalyse(realDisk, dir, state, plan.slo, "all");
  say(resultsReanalysed(found.done));
  tellLeft(found, say);
  const builder = new SummaryBuilder(realDisk, dir, plan, state);
  saveSummary(builder, say);
  return builder.summary();
}
