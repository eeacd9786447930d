import { isFolder } from "../base/files.ts";

/** What was to be started. */
interface Attempted {
  readonly program: string;
  readonly cwd: string;
}

/**
 * Why a program could not be started: the errno and a sentence of our own, since what Deno says differs between its
 * versions.
 */
export function explainSpawnError(error: unknown, attempted: Attempted): { errno: string; message: string } {
  const errno = errnoOf(error);
  const reason = reasonOf(errno, attempted) ?? (error as Error).message;
  return { errno, message: `Cannot start ${attempted.program}: ${reason}` };
}

function errnoOf(error: unknown): string {
  const { message, name } = error as Error;
  const number = Number(/os error (\d+)/.exec(message)?.[1]);
  return (error as { code?: string }).code ?? ERRNO_NAMES[number] ?? name;
}

/** errno(3) names of what execve(2), fork(2) and pipe(2) report; Deno gives only some of them a `code`. */
const ERRNO_NAMES: Readonly<Record<number, string>> = {
  2: "ENOENT",
  7: "E2BIG",
  8: "ENOEXEC",
  11: "EAGAIN",
  12: "ENOMEM",
  13: "EACCES",
  20: "ENOTDIR",
  24: "EMFILE",
  26: "ETXTBSY",
};

/** Null for an errno that nobody expects here. */
function reasonOf(errno: string, { cwd }: Attempted): string | null {
  switch (errno) {
    case "ENOENT":
    case "ENOTDIR":
      // The system names no file: the folder is the one that can go away unseen.
      return isFolder(cwd)
        ? "it, or the interpreter that its first line names, does not exist"
        : `the folder ${cwd}, in which it would run, does not exist any more`;
    case "EACCES":
      return `permission denied, to it, to its interpreter or to the folder ${cwd}`;
    case "ENOEXEC":
      return "it is no program that this machine can run";
    case "E2BIG":
      return "its arguments and environment are too long; one alone may have 128 KiB";
    case "ETXTBSY":
      return "it is being written to by another process";
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
