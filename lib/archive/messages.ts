/** What lib/archive says to people. */
import { shellWord } from "../base/shell_word.ts";

export function cannotLookForStudies(folder: string, reason: string): string {
  return `Cannot look for studies in ${folder}: ${reason}`;
}

export function studyMissing(dir: string): string {
  return `${dir} is not a study directory: it does not exist.`;
}

export function nothingHasRun(dir: string): string {
  return `${dir} is not a study directory (it has no plan.json: nothing has run in it). Start the study anew.`;
}

export function notAStudy(dir: string): string {
  return `${dir} is not a study directory: it has no plan.json.`;
}

export function folderOfStudies(folder: string, count: number, newest: string): string {
  const studies = count === 1 ? "a study" : `${count} studies`;
  return `${folder} is not a study directory; it holds ${studies}, the newest in ${shellWord(newest)}.`;
}
