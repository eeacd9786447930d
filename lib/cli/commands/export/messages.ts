/** The texts of `llem export` on the command line. */
import { plural } from "../../../base/text.ts";

export const HELP = {
  about: "results in the formats of other programs",
  dirs: "study directories, or folders of them (default: the newest study in the results folder)",
  to: "parquet, csv or jsonl (tables), vllm, bmf, action-benchmark, textfile, openmetrics, ml-energy, " +
    "ai-energy-score",
  output: "file to write, or folder for several; - is stdout",
  table: "only this table (repeatable): experiments, runs, metrics, requests, power",
};

/** What could not be saved. */
export const EXPORT_FILE = "the export";

export function unknownFormat(format: string, known: readonly string[]): string {
  return `unknown format "${format}": --to is one of ${known.join(", ")}`;
}

export function unknownTable(table: string, known: readonly string[]): string {
  return `unknown table "${table}": --table is one of ${known.join(", ")}`;
}

export function noTables(format: string): string {
  return `--table is for parquet, csv and jsonl: ${format} has no tables`;
}

export function severalFiles(format: string, isTables: boolean): string {
  const remedy = isTables
    ? "choose one table with --table, or name a folder with -o"
    : "name a folder with -o";
  return `--to ${format} makes several files, which do not go to stdout: ${remedy}`;
}

export function folderInPlaceOfFile(path: string, format: string): string {
  return `${path} is a folder, and --to ${format} makes one file: name a file with -o`;
}

export function folderNotOurs(path: string): string {
  return `${path} holds something that no export of llem made: nothing is written there. Name another folder with -o, ` +
    "or empty this one";
}

export function noStudiesIn(folder: string): string {
  return `no study directory in ${folder}`;
}

/** `standing`: `running`, `interrupted`, `failed`. */
export function unfinishedStudy(dir: string, standing: string, completed: number, total: number): string {
  return `${dir} is ${standing}: ${completed} of ${plural(total, "run")} completed, and these are exported`;
}

export function nothingCompleted(): string {
  return "no run has completed: there are no numbers to export";
}

/** Of studies with one name, in a format that has room for one. `more`: further ones like the first. */
export function olderLeftOut(dir: string, name: string, more: number): string {
  return more === 0
    ? `${dir} is left out: a newer study is called ${name}, too`
    : `${dir} and ${more} more are left out: a newer study of the same name is exported`;
}

/** `lines`: how many of the file cannot be read; null where none can. */
export function unreadable(path: string, lines: number | null): string {
  return lines === null
    ? `${path} cannot be read, and is left out`
    : `${path}: ${plural(lines, "line")} cannot be read and ${lines === 1 ? "is" : "are"} left out`;
}

/** Files of requests or of power that are gone while the results of their runs are there. */
export function detailsMissing(path: string, more: number): string {
  const others = more === 0 ? "is missing" : `and ${plural(more, "other file")} are missing`;
  return `${path} ${others}, so the export lacks what ${more === 0 ? "it" : "they"} held`;
}

export function exported(studies: number, path: string, files: readonly string[]): string {
  const what = plural(studies, "study", "studies");
  return files.length === 0 ? `exported ${what} to ${path}` : `exported ${what} to ${path}: ${named(files)}`;
}

const MOST_NAMED = 5;

function named(files: readonly string[]): string {
  const more = files.length - MOST_NAMED;
  return files.slice(0, MOST_NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
