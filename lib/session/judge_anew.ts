/** What results are judged by can change without anything being run again. */
import { reanalyse, type Reanalysis, storeSlo } from "../archive/reanalyse.ts";
import type { StudyFolder } from "../archive/study_folder.ts";
import type { StudyState } from "../journal/fold.ts";
import { sloText } from "../report/served/messages.ts";
import { isSameSlo } from "../results/goodput.ts";
import { realDisk } from "../storage/disk.ts";
import type { Slo } from "../study/slo_schema.ts";
import { judgedByNewSlo, notReanalysed, resultsJudged } from "./messages.ts";

/** A study with this promise. */
export function judgedBy(folder: StudyFolder, slo: Slo | null): StudyFolder {
  return { ...folder, plan: { ...folder.plan, slo }, original_plan: { ...folder.original_plan, slo } };
}

/** Writes the promise down where the study was planned with another one. Throws SaveError. */
export function takeSlo({ dir, plan }: StudyFolder, slo: Slo | null, say: (line: string) => void): void {
  if (isSameSlo(plan.slo, slo)) return;
  storeSlo(realDisk, dir, slo);
  say(judgedByNewSlo(slo === null ? null : sloText(slo)));
}

/** Judges the results that have no verdict by this promise. Throws SaveError. */
export function judgeAnew(
  dir: string,
  state: StudyState,
  slo: Slo | null,
  say: (line: string) => void,
): void {
  const found = reanalyse(realDisk, dir, state, slo, "judged_otherwise");
  if (found.done > 0) say(resultsJudged(found.done));
  tellLeft(found, say);
}

/** Says of which runs the results stay as they are. */
export function tellLeft({ left }: Reanalysis, say: (line: string) => void): void {
  const [first] = left;
  if (first !== undefined) say(notReanalysed(left.length, first.index, first.reason));
}
