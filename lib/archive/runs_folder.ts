import { join } from "node:path";
import { isFolder } from "../base/files.ts";
import { CommandError, EXIT } from "../base/refusal.ts";
import type { Disk } from "../storage/disk.ts";
import { SaveError } from "../storage/save_error.ts";

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
  const what = isLink ? "is a link, and no folder is where it leads" : "is not a folder";
  const remedy = isLink ? "Restore what it leads to (mount the disk), or remove it" : "Move it away";
  throw new CommandError(
    EXIT.usage,
    `${path} ${what}, so no result can be kept there. ${remedy}, then resume: a folder that is missing is made again.`,
  );
}

/** Makes the folder of runs again where somebody removed it. Throws SaveError. */
export function restoreRuns(disk: Disk, dir: string): void {
  const path = join(dir, RUNS);
  if (isFolder(path)) return;
  try {
    disk.createFolder(path);
    disk.syncFolder(dir);
  } catch (error) {
    throw new SaveError("the runs in", path, error);
  }
}
