/** What lib/cli says to people. */
import { plural } from "../base/text.ts";
import { shellWord } from "../base/shell_word.ts";

export function emptyPath(): string {
  return "The path is empty.";
}

export function newestIsTaken(dir: string, folder: string, count: number): string {
  return count === 1
    ? `${dir} (the only study in ${folder})`
    : `${dir} (the newest of ${count} studies in ${folder})`;
}

export function noStudies(folder: string, command: string): string {
  return `no study in ${folder}; name a study directory (${command} DIR) or its folder (${command} -o FOLDER)`;
}

const MOST_LISTED = 20;

/** The studies of a folder, newest first, each as the command that shows it. */
export function studyList(folder: string, dirs: readonly string[], command: string): string {
  const shown = dirs.slice(0, MOST_LISTED).map((dir) => `  ${command} ${shellWord(dir)}\n`).join("");
  const more = dirs.length > MOST_LISTED ? `  and ${dirs.length - MOST_LISTED} more\n` : "";
  const head = dirs.length === 1 ? "1 study" : `${dirs.length} studies, newest first`;
  return `${folder} holds ${head}:\n${shown}${more}`;
}

export function tableNeedsOneStudy(): string {
  return "--csv takes one study; use --json for several";
}

export function missingResult(index: number, path: string): string {
  return `run ${index} is not counted: its result ${path} is missing or damaged.`;
}

export function rerunMissing(dir: string, count: number): string {
  return `llem run --resume ${shellWord(dir)} reruns ${plural(count, "run")}.`;
}

export function noFailedRun(dir: string): string {
  return `no run of ${dir} has failed.`;
}

export function resumeAfterSaveError(dir: string): string {
  return `the runs that had ended are saved; go on with: llem run --resume ${shellWord(dir)}`;
}
