/** The texts of lib/cli for people, but for those of the command line itself (options/messages.ts). */
import { plural } from "../base/text.ts";
import { shellWord } from "../base/shell_word.ts";

export function newestIsTaken(dir: string, folder: string, count: number): string {
  return count === 1
    ? `${dir} (the only study in ${folder})`
    : `${dir} (the newest of ${count} studies in ${folder})`;
}

/** `takesFolder`: whether the command has an option for another folder for results. */
export function noStudies(folder: string, command: string, takesFolder: boolean): string {
  const other = takesFolder ? ` or its folder (${command} -o FOLDER)` : "";
  return `no study in ${folder}; name a study directory (${command} DIR)${other}`;
}

const MOST_LISTED = 20;

/** The studies of a folder, newest first, each as the command that shows it. */
export function studyList(folder: string, dirs: readonly string[], command: string): string {
  const shown = dirs.slice(0, MOST_LISTED).map((dir) => `  ${command} ${shellWord(dir)}\n`).join("");
  const more = dirs.length > MOST_LISTED ? `  and ${dirs.length - MOST_LISTED} more\n` : "";
  const head = dirs.length === 1 ? "1 study" : `${dirs.length} studies, newest first`;
  return `${folder} holds ${head}:\n${shown}${more}`;
}

/** `list` is what `studyList` gives for a folder that was named where a study is needed. */
export function folderNotStudy(list: string): string {
  return `which study is meant? ${list.trimEnd()}`;
}

export function namedTwice(dir: string, again: string): string {
  const spelling = again === dir ? "" : ` (also as ${again})`;
  return `${dir} is named twice${spelling}; name every study once`;
}

export function tableNeedsOneStudy(): string {
  return "--csv takes one study; use --json for several";
}

export function noFailedRun(dir: string): string {
  return `no run of ${dir} has failed.`;
}

export function resumeAfterSaveError(dir: string): string {
  return `finished runs are saved; resume with: llem run --resume ${shellWord(dir)}`;
}

/** One line on a defect; `report` is the path of its details, null where they could not be written. */
export function defectFound(line: string, report: string | null): string {
  return `${line}. This is a defect of llem itself; please report it (docs/command-line.md, "Defects") ` +
    `with ${report ?? "the details that LLEM_DEBUG=1 prints"}.`;
}

export function readerBehind(bytes: number): string {
  return `nothing has read the last ${bytes} bytes`;
}

export function stdoutFailed(reason: string): string {
  return `cannot write to stdout: ${reason}`;
}

export function stdoutFailedInStudy(reason: string, dir: string): string {
  return `cannot write to stdout: ${reason}; results are in ${dir}`;
}

/** `dir` is that of the study. */
/** As it reads after "cannot save". */
export const PAGE = "the page";
/** The same of a text that a file was named for in place of stdout. */
export const OUTPUT_TEXT = "the output";

/** `example`: a name for a file. */
export function outputIsFolder(path: string, example: string): string {
  return `${path} is a folder; name a file in it, such as ${path}/${example}`;
}

export function pageNeedsFile(): string {
  return "a page needs the name of a file; llem report -o - writes one to stdout";
}

export function pageWritten(path: string, bytes: number): string {
  const size = bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
  return `report: ${path} (${size})`;
}

export function reportNotWritten(dir: string, reason: string): string {
  return `the report could not be written: ${reason}; make it with: llem report ${shellWord(dir)}`;
}

export function variableNotUtf8(name: string): string {
  return `warning: the variable ${name} is not UTF-8; llem and its workers ignore it`;
}

export function workingFolderUnusable(reason: string): string {
  return `the working folder cannot be used: ${reason}. Change to another one (cd).`;
}

export function invalidStudy(errors: number): string {
  return `${plural(errors, "error")}; nothing was run.`;
}

export function moreErrors(count: number): string {
  return `and ${plural(count, "more error")}`;
}

export function moreWarnings(count: number): string {
  return `and ${plural(count, "more warning")}`;
}

export function downloadingNow(state: string): string {
  return `downloading: ${state}`;
}

export function noMeter(reason: string): string {
  return `no meter is available: ${reason}`;
}

export function meterWarning(text: string, remedy: string | null): string {
  return `warning: ${remedy === null ? text : `${text}. ${remedy}`}`;
}

export function meterEnded(): string {
  return "the meter process has ended";
}

export function noSuchProgram(name: string): string {
  return `${name}: no such program`;
}

/** What to type for a study that --resume leaves unnamed. */
export function newestToResume(dir: string): string {
  return `the newest unfinished study: llem run --resume ${shellWord(dir)}`;
}
