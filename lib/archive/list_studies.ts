import { exists, isFolder } from "../base/files.ts";
import { CommandError, EXIT } from "../base/refusal.ts";
import { folderMissing, notAFolder } from "./messages.ts";
import { isStudyFolder, studiesBelow } from "./studies_in.ts";
import { type StudyHead, studyHead } from "./study_head.ts";

/** Results that are looked at for a list, those of the first studies that are found. */
const MOST_RESULTS = 20_000;

/**
 * The studies of a folder and of the folders in it, newest first; a study directory is a list of itself. Throws CommandError
 * where the folder is none or cannot be read.
 */
export function listStudies(root: string): StudyHead[] {
  if (!exists(root)) throw new CommandError(EXIT.usage, folderMissing(root));
  if (!isFolder(root)) throw new CommandError(EXIT.usage, notAFolder(root));
  const budget = { results: MOST_RESULTS };
  const dirs = isStudyFolder(root) ? [root] : studiesBelow(root);
  return dirs.map((dir) => studyHead(dir, budget)).sort(byStart);
}

/** The newest first; those that never began come last. Equal ones stand in the order of their paths. */
function byStart(one: StudyHead, other: StudyHead): number {
  const [a, b] = [one.started_at ?? "", other.started_at ?? ""];
  if (a !== b) return a < b ? 1 : -1;
  return one.study_dir < other.study_dir ? -1 : 1;
}
