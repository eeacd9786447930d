import { foldJournal, type StudyState } from "../journal/fold.ts";
import { openStudyFolder, type StudyFolder } from "./study_folder.ts";

/** A study directory as far as plan and journals tell: what is known before any result is read. */
export interface OpenedStudy extends StudyFolder {
  /** By the journals alone: a completed run counts as completed whatever became of its result. */
  readonly state: StudyState;
}

/** Takes no lock, so it works while the study runs. Throws CommandError where the directory is no study. */
export function openStudy(dir: string): OpenedStudy {
  const folder = openStudyFolder(dir);
  return { ...folder, state: foldJournal(folder.events) };
}
