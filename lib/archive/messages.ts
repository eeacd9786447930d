/** The texts of lib/archive for people. */
import { shellWord } from "../base/shell_word.ts";
import { plural } from "../base/text.ts";

/** `isPermitted`: false where this user may not read the folder. */
export function cannotLookForStudies(folder: string, reason: string, isPermitted = true): string {
  return `Cannot look for studies in ${folder}: ${reason}${isPermitted ? "" : `. ${askOwner()}`}`;
}

function askOwner(): string {
  return "Read it as its owner, or let its owner permit it (chmod a+rX).";
}

export function folderMissing(folder: string): string {
  return `${folder} does not exist; name the folder that holds your studies (llem run -o FOLDER), or one of them.`;
}

export function notAFolder(path: string): string {
  return `${path} is not a folder; name the folder that holds your studies, or a study directory.`;
}

export function studyMissing(dir: string): string {
  return `${dir} is not a study directory: it does not exist. llem list shows the studies that there are.`;
}

export function nothingHasRun(dir: string): string {
  return `${dir} is not a study directory (it has no plan.json: nothing has run in it). Start the study again.`;
}

export function notBegun(dir: string): string {
  return `${dir} was submitted, and none of its agents has begun; squeue --me shows whether they wait, and ` +
    `${dir}/slurm what those said that ended. llem stop cancels them.`;
}

export function notAStudy(dir: string): string {
  return `${dir} is not a study directory: it has no plan.json. llem list shows the studies that there are.`;
}

export function fileNotStudy(path: string): string {
  return `${path} is not a study directory: it is a file. Name the directory that llem run made.`;
}

export function folderOfStudies(folder: string, count: number, newest: string): string {
  const studies = count === 1 ? "a study" : `${count} studies`;
  return `${folder} is not a study directory; it holds ${studies}, the newest in ${shellWord(newest)}.`;
}

export function cannotRead(path: string, reason: string): string {
  return `Cannot read ${path}: ${reason}`;
}

/** Not to be read by this user. `reason` is the system's. */
export function notPermitted(path: string, reason: string): string {
  return `${cannotRead(path, reason)}. ${askOwner()}`;
}

export function planOfOtherVersion(path: string, schema: string, version: string): string {
  return `${path} is not a plan that this version of llem can read: ` +
    `llem ${version} wrote it as ${schema}. Use that version.`;
}

export function planDamaged(path: string): string {
  return `${path} is not a plan that this version of llem can read: it is damaged. ` +
    "Restore it from a copy of the directory.";
}

/** What cannot be saved, before its path. */
export const SAVED = {
  studyDirectory: "the study directory",
  runs: "the folder of the runs",
  studyFile: "the study file",
  environment: "the environment",
  inputs: "the inputs in",
  plan: "the plan",
  result: "the result",
};

/** Why the results of a run cannot be computed again. */
export function requestsLeftOut(): string {
  return "requests.jsonl does not hold all of its requests";
}

export function requestsGone(): string {
  return "requests.jsonl is gone";
}

/** `reason`: why the file cannot be read; null where it can, and holds something else. */
export function requestsUnreadable(reason: string | null): string {
  return `requests.jsonl ${reason === null ? "is damaged" : `cannot be read: ${reason}`}`;
}

export function summaryNotWritten(reason: string): string {
  return `The summary could not be written: ${reason}`;
}

/** The folder of the runs is a broken link, or a file. */
export function runsFolderInvalid(path: string, isLink: boolean): string {
  const [problem, remedy] = isLink
    ? ["is a broken link", "Restore its target (mount the disk), or remove the link"]
    : ["is not a folder", "Move it away"];
  return `${path} ${problem}, so no result can be saved there. ${remedy}, then resume: a missing folder is recreated.`;
}

/** A process that holds a lock, as its text in the lock says. */
export interface LockOwner {
  readonly pid: string;
  readonly host: string;
  readonly since: string;
  /** Null where it is the study that the message is about. */
  readonly study_dir: string | null;
}

export function unknownOwner(): string {
  return "another process";
}

export function lockOwner({ pid, host, since, study_dir }: LockOwner): string {
  return `process ${pid} on ${host} since ${since}${study_dir === null ? "" : ` for ${study_dir}`}`;
}

export function studyBusy(dir: string, owner: string): string {
  return `${dir} is being run by ${owner}`;
}

export function deviceBusy(device: string, owner: string): string {
  return `device ${device} is held by ${owner}`;
}

export function folderBusy(folder: string): string {
  return `another llem is starting a study in ${folder}`;
}

export function deviceQuarantined(
  device: string,
  { pid, run_id, study_dir }: { readonly pid: number; readonly run_id: string; readonly study_dir: string },
): string {
  return `device ${device} is quarantined: process ${pid} of ${run_id} (${study_dir}) holds it and cannot be killed. ` +
    "Reboot, or reset the device once the process is gone";
}

export function lockRefused(path: string, reason: string, remedy: string): string {
  return `Cannot lock ${path}: ${reason}. ${remedy}`;
}

export function continuingUnlocked(path: string, reason: string): string {
  return `Cannot lock ${path}: ${reason}. Continuing without a lock (--no-lock)`;
}

/** `type` is that of the file system, null where it is unknown; `errno` such as `ENOLCK`. */
export function noFlock(type: string | null, errno: string): string {
  return `its file system${type === null ? "" : ` (${type})`} does not support flock (${errno})`;
}

export function otherLockError(errno: number): string {
  return `errno ${errno}`;
}

/** Why a lock cannot be opened, by errno. */
export const LOCK_ERRORS: Readonly<Record<number, string>> = {
  1: "operation not permitted (EPERM)",
  2: "its folder does not exist (ENOENT)",
  5: "input/output error (EIO)",
  13: "permission denied (EACCES)",
  20: "a part of its path is a file, not a folder (ENOTDIR)",
  21: "it is a folder, not a file (EISDIR)",
  23: "the system's limit on open files is reached (ENFILE)",
  24: "this process's limit on open files is reached (EMFILE)",
  28: "no space left on the device (ENOSPC)",
  30: "the file system is read-only (EROFS)",
  40: "it is a symbolic link (ELOOP)",
  122: "disk quota exceeded (EDQUOT)",
};

/** What a lock that cannot be taken is on: devices, or a study directory that is created or resumed. */
export type LockPlace = "devices" | "new_study" | "resumed_study";

/** What has to change before a lock can be taken. */
export type LockRemedy =
  | "create_folder"
  | "remove"
  | "permission"
  | "space"
  | "read_only"
  | "no_flock"
  | "other";

export function lockRemedyText(remedy: LockRemedy, place: LockPlace): string {
  switch (remedy) {
    case "create_folder":
      return "Create the folder, or set LLEM_LOCK_DIR to another one.";
    case "remove":
      return "Remove it.";
    case "permission":
      return place === "devices"
        ? "Set LLEM_LOCK_DIR to a folder that you may write to, the same for all users of these devices."
        : "Resume as the user who started the study.";
    case "space":
      return `Free some space${elsewhere(place)}.`;
    case "read_only":
      return `Make it writable${elsewhere(place)}.`;
    case "no_flock": {
      const other = place === "resumed_study"
        ? "Move the study directory to another file system"
        : "Choose a folder on another file system with -o (LLEM_LOCK_DIR for devices)";
      return `${other}, mount this one with flock, or add --no-lock if no other llem runs this study or uses its devices.`;
    }
    case "other":
      return `Fix that${elsewhere(place)}.`;
  }
}

function elsewhere(place: LockPlace): string {
  switch (place) {
    case "devices":
      return ", or set LLEM_LOCK_DIR to another folder";
    case "new_study":
      return ", or choose another folder with -o";
    case "resumed_study":
      return ", or copy the study directory to another disk and resume it there";
  }
}

/** `free` and `needed` are sizes such as `4.1 MiB`. */
export function tooFewBytes(free: string, runs: number, needed: string): string {
  return `${free} free, but ${runsNeed(runs)} at least ${needed}`;
}

export function tooFewFiles(free: number, runs: number, needed: number): string {
  return `room for ${free} more files (inodes), but ${runsNeed(runs)} at least ${needed}`;
}

function runsNeed(runs: number): string {
  return `${plural(runs, "run")} ${runs === 1 ? "needs" : "need"}`;
}

/** A size as people read it. */
export function mebibytes(bytes: number): string {
  return `${(bytes / (1024 * 1024)).toFixed(1)} MiB`;
}
