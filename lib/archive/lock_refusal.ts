import { fileSystemOf } from "../storage/file_system.ts";

/** What a lock that cannot be had is on: devices, or a study directory that is being made or gone on with. */
export type LockPlace = "devices" | "new_study" | "resumed_study";

/** Errors of open(2) and flock(2) that tell of the file system itself. */
const NO_LOCKS: Readonly<Record<number, string>> = { 37: "ENOLCK", 38: "ENOSYS", 95: "EOPNOTSUPP" };

/** What else open(2) may answer, in words, with its name. */
const TROUBLES: Readonly<Record<number, string>> = {
  1: "operation not permitted (EPERM)",
  2: "its folder does not exist (ENOENT)",
  5: "the device failed (EIO)",
  13: "permission denied (EACCES)",
  20: "a part of its path is a file, not a folder (ENOTDIR)",
  21: "a folder is in its place (EISDIR)",
  23: "the system is out of open files (ENFILE)",
  24: "this process is out of open files (EMFILE)",
  28: "no space left on the device (ENOSPC)",
  30: "the file system is read-only (EROFS)",
  40: "a link is in its place (ELOOP)",
  122: "disk quota exceeded (EDQUOT)",
};

const [ENOENT, EACCES, ENOTDIR, EISDIR, ENOSPC, EROFS, ELOOP, EDQUOT] = [2, 13, 20, 21, 28, 30, 40, 122];

/** Why a lock cannot be had: the error in words. */
export function lockTrouble(path: string, errno: number): string {
  const name = NO_LOCKS[errno];
  if (name === undefined) return TROUBLES[errno] ?? `errno ${errno}`;
  const type = fileSystemOf(path);
  return `its file system${type === null ? "" : ` (${type})`} has no flock (${name})`;
}

/** What to do about it: a study that is gone on with is where it is. */
export function lockRemedy(errno: number, place: LockPlace): string {
  const isFolderMissing = errno === ENOENT || errno === ENOTDIR;
  if (isFolderMissing && place === "devices") {
    return "Create the folder, or name another with LLEM_LOCK_DIR.";
  }
  if (errno === EISDIR || errno === ELOOP) return "Remove what is in its place.";
  if (errno === EACCES) {
    return place === "devices"
      ? "Name a folder that you may write to with LLEM_LOCK_DIR, the same for all who use these devices."
      : "Start it as the user who began the study.";
  }
  if (errno === ENOSPC || errno === EDQUOT) return `Free some${elsewhere(place)}.`;
  if (errno === EROFS) return `Make it writable${elsewhere(place)}.`;
  if (NO_LOCKS[errno] !== undefined) {
    const other = place === "resumed_study"
      ? "Move the study directory to another file system"
      : "Choose a folder on another file system with -o (LLEM_LOCK_DIR for devices)";
    return `${other}, mount it with flock, or make sure yourself that nobody else runs this and add --no-lock.`;
  }
  return `Mend that${elsewhere(place)}.`;
}

function elsewhere(place: LockPlace): string {
  switch (place) {
    case "devices":
      return ", or name another folder with LLEM_LOCK_DIR";
    case "new_study":
      return ", or choose another folder with -o";
    case "resumed_study":
      return ", or copy the study directory to another disk and resume it there";
  }
}
