import { fileSystemOf } from "../storage/file_system.ts";
import {
  LOCK_ERRORS,
  type LockPlace,
  type LockRemedy,
  lockRemedyText,
  noFlock,
  otherLockError,
} from "./messages.ts";

/** Errors of open(2) and flock(2) that tell of the file system itself. */
const NO_LOCKS: Readonly<Record<number, string>> = { 37: "ENOLCK", 38: "ENOSYS", 95: "EOPNOTSUPP" };

const [ENOENT, EACCES, ENOTDIR, EISDIR, ENOSPC, EROFS, ELOOP, EDQUOT] = [2, 13, 20, 21, 28, 30, 40, 122];

/** Why a lock cannot be had: the error in words. */
export function lockTrouble(path: string, errno: number): string {
  const name = NO_LOCKS[errno];
  if (name === undefined) return LOCK_ERRORS[errno] ?? otherLockError(errno);
  return noFlock(fileSystemOf(path), name);
}

/** What to do about it: a study that is gone on with is where it is. */
export function lockRemedy(errno: number, place: LockPlace): string {
  return lockRemedyText(remedyFor(errno, place), place);
}

function remedyFor(errno: number, place: LockPlace): LockRemedy {
  const isFolderMissing = errno === ENOENT || errno === ENOTDIR;
  if (isFolderMissing && place === "devices") return "create_folder";
  if (errno === EISDIR || errno === ELOOP) return "remove";
  if (errno === EACCES) return "permission";
  if (errno === ENOSPC || errno === EDQUOT) return "space";
  if (errno === EROFS) return "read_only";
  return NO_LOCKS[errno] === undefined ? "other" : "no_flock";
}
