export function studyFolderGone(folder: string): string {
  return `The study file's folder ${folder} no longer exists; relative paths of the study start there.`;
}

export function variableMissing(name: string, field: string): string {
  return `The variable ${name}, named by ${field}, is not in the environment of llem. ` +
    `Set it there (export ${name}=...), or remove it from ${field}.`;
}

export function temporaryFolderNotMade(place: string, reason: string): string {
  return `The run's temporary folder cannot be made in ${place}: ${reason}. ` +
    "Free space there, or set TMPDIR to a short path on another disk.";
}

export function temporaryFolderElsewhere(place: string, reason: string, other: string): string {
  return `The run's temporary folder is in ${other}, since ${place} (TMPDIR) cannot hold it: ${reason}.`;
}

export function temporaryFolderNotRemoved(path: string, reason: string): string {
  return `The run's temporary folder ${path} could not be removed: ${reason}`;
}

export function placeNotPlain(): string {
  return "it is not an absolute path without spaces";
}

export function placeTooLong(mostBytes: number): string {
  return `it is longer than ${mostBytes} bytes, too long for paths of sockets`;
}
