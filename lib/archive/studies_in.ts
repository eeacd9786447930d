import { join } from "node:path";
import { exists } from "../base/files.ts";
import { CommandError, EXIT } from "../base/refusal.ts";
import { cannotLookForStudies } from "./messages.ts";

/** What a study directory's name ends with: the time of its start and something random. */
const STARTED = /\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d_[a-z2-9]{4}$/;

/** What stands before the time of the start in a study directory's name; null where the name is none of one. */
export function studyNamePrefix(name: string): string | null {
  const start = STARTED.exec(name)?.index;
  return start === undefined ? null : name.slice(0, start).normalize("NFC");
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

/** True for a directory that holds a plan, without which it is no study. */
export function isStudyFolder(dir: string): boolean {
  return exists(join(dir, "plan.json"));
}

function byStart(one: string, other: string): number {
  const [a, b] = [one, other].map((name) => STARTED.exec(name)?.[0] ?? "");
  return a === b ? 0 : (a ?? "") < (b ?? "") ? -1 : 1;
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw new CommandError(EXIT.usage, cannotLookForStudies(folder, (error as Error).message));
  }
}
