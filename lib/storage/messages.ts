export function umaskTakesRights(umask: number): string {
  const octal = umask.toString(8).padStart(3, "0");
  return `the umask ${octal} removes your own rights to the files that you create: studies could not use them`;
}

export const UMASK_REMEDY = "set another one, such as umask 022";

export function cannotSave(what: string, path: string, reason: string): string {
  return `Cannot save ${what} ${path}: ${reason}`;
}

export function studyDirectoryIn(): string {
  return "the study directory in";
}

export type SaveFailure = "ENOSPC" | "EDQUOT" | "EROFS" | "EIO" | "EACCES" | "ENOTDIR";

export function saveReason(failure: SaveFailure): string {
  switch (failure) {
    case "ENOSPC":
      return "no space left on the device. Free some, then resume or start again.";
    case "EDQUOT":
      return "disk quota exceeded. Free some, then resume or start again.";
    case "EROFS":
      return "the file system is read-only. Make it writable, or choose another folder with -o.";
    case "EIO":
      return "the device failed (input/output error). See the system's log, then resume or choose another folder " +
        "with -o.";
    case "EACCES":
      return "permission denied. Choose a folder that you can write to with -o.";
    case "ENOTDIR":
      return "a part of the path is a file, not a folder. Choose another one with -o.";
  }
}
