import { isFolder } from "../base/files.ts";
import { cannotStart, spawnReason } from "./messages.ts";

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
  const { program, cwd } = attempted;
  const reason = spawnReason(errno, cwd, isFolder(cwd)) ?? (error as Error).message;
  return { errno, message: cannotStart(program, reason) };
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
