import { join } from "node:path";
import { exists, isFolder } from "../base/files.ts";
import { CommandError, EXIT } from "../base/refusal.ts";
import { cannotLookForStudies } from "./messages.ts";

/** What a study directory's name ends with: the time of its start and something random. */
const STARTED = /\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d_[a-z2-9]{4}$/;

/** What stands before the time of the start in a study directory's name; null where the name is none of one. */
export function studyNamePrefix(name: string): string | null {
  const start = STARTED.exec(name)?.index;
  return start === undefined ? null : name.slice(0, start).normalize("NFC");
}

/** The time of the start in a study directory's name, UTC, ISO 8601; null where the name is none of one. */
export function startInName(name: string): string | null {
  const time = STARTED.exec(name)?.[0];
  if (time === undefined) return null;
  return `${time.slice(0, 10)}T${time.slice(11, 19).replaceAll("-", ":")}.000Z`;
}

/** Names in a folder that are those of study directories, newest first; empty where the folder does not exist. */
export function studyNamesIn(folder: string): string[] {
  return namesIn(folder).filter((name) => studyNamePrefix(name) !== null).sort(byStart).reverse();
}

/** Study directories in a folder for results, newest first; those in which nothing can have run are left out. */
export function studiesIn(folder: string): string[] {
  return studyNamesIn(folder).map((name) => noOption(join(folder, name))).filter(isStudyFolder);
}

/** A path that does not look like an option where it is pasted into a command: joining takes `./` away. */
function noOption(path: string): string {
  return path.startsWith("-") ? `./${path}` : path;
}

/** Folders of a folder for studies that are looked into for more of them. */
const MOST_FOLDERS = 1000;

/**
 * Directories in a folder, and in the folders in it, that are studies: by their name, or by their plan where somebody renamed
 * them. In no order; those that have no plan are among them. Throws CommandError where the folder cannot be read.
 */
export function studiesBelow(folder: string): string[] {
  const folders: string[] = [];
  const found = ownStudies(folder, (other) => folders.push(other));
  return [...found, ...folders.slice(0, MOST_FOLDERS).flatMap((inner) => studiesOrNone(inner))];
}

/** Of a folder within the one that was named: one that cannot be read is passed over. */
function studiesOrNone(folder: string): string[] {
  try {
    return ownStudies(folder, () => {});
  } catch (error) {
    if (error instanceof CommandError) return [];
    throw error;
  }
}

function ownStudies(folder: string, other: (folder: string) => void): string[] {
  return entriesIn(folder).flatMap(({ name, isFile }) => {
    const path = noOption(join(folder, name));
    if (isFile || name.startsWith(".")) return [];
    if (studyNamePrefix(name) !== null || isStudyFolder(path)) return isFolder(path) ? [path] : [];
    if (isFolder(path)) other(path);
    return [];
  });
}

/** True for a directory that holds a plan, without which it is no study. */
export function isStudyFolder(dir: string): boolean {
  return exists(join(dir, "plan.json"));
}

function byStart(one: string, other: string): number {
  const [a, b] = [one, other].map((name) => STARTED.exec(name)?.[0] ?? "");
  return a === b ? 0 : (a ?? "") < (b ?? "") ? -1 : 1;
}

function namesIn(folder: string): string[] {
  return entriesIn(folder).map(({ name }) => name);
}

/** Empty where there is no such folder. */
function entriesIn(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    const isPermitted = !(error instanceof Deno.errors.PermissionDenied);
    throw new CommandError(
      EXIT.usage,
      cannotLookForStudies(folder, (error as Error).message, isPermitted),
    );
  }
}
