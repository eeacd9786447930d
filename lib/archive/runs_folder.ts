import { join } from "node:path";
import { isFolder } from "../base/files.ts";
import { CommandError, EXIT } from "../base/refusal.ts";
import type { Disk } from "../storage/disk.ts";
import { SaveError } from "../storage/save_error.ts";
import { runsFolderInvalid, SAVED } from "./messages.ts";

/** The folder of a study directory that holds those of its attempts. */
const RUNS = "runs";

/** Throws CommandError where something else than a folder bears the name of the folder of runs. */
export function refuseOtherRuns(dir: string): void {
  const path = join(dir, RUNS);
  if (isFolder(path)) return;
  let isLink: boolean;
  try {
    isLink = Deno.lstatSync(path).isSymlink;
  } catch {
    return;
  }
  throw new CommandError(EXIT.usage, runsFolderInvalid(path, isLink));
}

/** Makes the folder of runs again where somebody removed it. Throws SaveError. */
export function restoreRuns(disk: Disk, dir: string): void {
  const path = join(dir, RUNS);
  if (isFolder(path)) return;
  try {
    disk.createFolder(path);
    disk.syncFolder(dir);
  } catch (error) {
    throw new SaveError(SAVED.runs, path, error);
  }
}
