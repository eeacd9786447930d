export function noAnswerWithin(limitMs: number): string {
  return `it did not answer within ${limitMs / 1000} s`;
}

export function wasStopped(): string {
  return "it was stopped";
}

export function programNotFound(path: string, isRelative: boolean): string {
  return `${path} does not exist.${
    isRelative ? " Paths with a slash start at the study file's folder." : ""
  }`;
}

export function programNotInPath(name: string, searchPath: string): string {
  return `"${name}" is not in PATH (${searchPath}). Install it, or give its path with a slash.`;
}

export function programUnreachable(path: string): string {
  return `${path} cannot be reached: permission denied.`;
}

export function programIsFolder(path: string): string {
  return `${path} is a folder, not a program.`;
}

export function programNotExecutable(path: string): string {
  return `${path} is not executable. Run: chmod +x ${path}`;
}

export function programOnNoexec(path: string): string {
  return `${path} is on a file system mounted noexec, where programs cannot be started. ` +
    "Move it to another one, or start it through its interpreter.";
}

export function programIsNeitherBinaryNorScript(path: string): string {
  return `${path} is neither a binary nor a script with a first line such as #!/bin/sh.`;
}

export function programForAnotherMachine(path: string): string {
  return `${path} is a binary for another kind of machine, or damaged.`;
}

export function workerNotContained(reason: string): string {
  return `The worker could not be moved into its containment: ${reason}`;
}

export function containerNotRemoved(reason: string): string {
  return `The container could not be removed: ${reason}`;
}

export function containerRemovalTimedOut(): string {
  return "the time limit was reached";
}

export function containerStillListed(): string {
  return "docker still lists it";
}

export function cgroupNotDivisible(): string {
  return "the control group of this process cannot be divided. " +
    "Start llem in a delegated one: systemd-run --user --scope -p Delegate=yes llem run ...";
}

/** What `docker run` means by an exit code of its own, with the end of what it printed. */
export function containerNotStarted(code: 125 | 126 | 127, words: string): string {
  const causes = {
    125: "Docker could not start the container",
    126: "The interpreter in the image cannot be executed",
    127: "The image does not contain this interpreter",
  };
  return `${causes[code]} (exit code ${code})${words === "" ? "" : `: ${words}`}`;
}

/** What can happen without each of the programs that the guard calls. */
export const WITHOUT_PROGRAM: Readonly<Record<string, string>> = {
  cat: "a signal can end the guard",
  grep: "a daemon left by a worker can survive if llem is killed",
  ls: "shared memory of a worker can remain if llem is killed",
  rm: "temporary files of a worker can remain if llem is killed",
  rmdir: "a control group can remain if llem is killed",
  sleep: "a control group can remain if llem is killed",
};

export function guardProgramsMissing(missing: readonly string[]): string {
  const consequences = [...new Set(missing.map((name) => WITHOUT_PROGRAM[name]))].join(", and ");
  return `Missing: ${missing.join(", ")}. Without ${missing.length === 1 ? "it" : "them"}, ${consequences}.`;
}

export function guardShellEnded(shell: string, end: string): string {
  return `${shell} ended with ${end}.`;
}

export function guardNotStarted(shell: string, reason: string, isMissing: boolean): string {
  return `The guard, which kills workers if llem is killed, needs ${shell}. ${reason}` +
    (isMissing ? " Install one: dash, bash or busybox." : "");
}

export function cannotStart(program: string, reason: string): string {
  return `Cannot start ${program}: ${reason}`;
}

/** Why a program could not be started, by errno(3); null for one that is not expected here. */
export function spawnReason(errno: string, cwd: string, isFolderThere: boolean): string | null {
  switch (errno) {
    case "ENOENT":
    case "ENOTDIR":
      // The system names no file: the folder is the one that can disappear unnoticed.
      return isFolderThere
        ? "it, or the interpreter in its first line, does not exist"
        : `its working folder ${cwd} does not exist any more`;
    case "EACCES":
      return `permission denied for it, its interpreter or the folder ${cwd}`;
    case "ENOEXEC":
      return "this machine cannot run a program of this kind";
    case "E2BIG":
      return "its arguments and environment are too long; a single one can have 128 KiB";
    case "ETXTBSY":
      return "another process is writing to it";
    case "EAGAIN":
      return "the limit on processes (ulimit -u, or pids.max of the cgroup) is reached";
    case "ENOMEM":
      return "the machine is out of memory";
    case "EMFILE":
      return "the limit on open files (ulimit -n) is reached";
    default:
      return null;
  }
}

export function notPinned(trouble: string): string {
  return `The run was not kept to its own CPUs or memory: the system refuses it (${trouble}). ` +
    "It may have shared them with runs beside it.";
}
