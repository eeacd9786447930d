import type { Explanation } from "../../engines/failure_rule.ts";
import { ENGINES } from "../../engines/engines.ts";
import { interpreterFields } from "../../engines/listed.ts";
import type { ExperimentConfig } from "../../experiment/config.ts";
import type { RunError } from "../../experiment/outcome.ts";

/** Why the kernel refuses to start a program; see execve(2) and fork(2). */
const ERRNO: Readonly<Record<string, Explanation>> = {
  ENOENT: {
    cause:
      "The interpreter in the first line of the script, or the loader that the binary asks for, is not there.",
    remedy:
      "Check the script's first line (head -1), or that the binary is one for this system (file PROGRAM).",
  },
  EACCES: {
    cause: "The program lies on a file system mounted noexec, or its interpreter may not be run.",
    remedy: "Move it to another file system, or name its interpreter in command.argv.",
  },
  ENOEXEC: {
    cause: "The program is damaged or built for another kind of processor.",
    remedy: "Install the build for this machine (uname -m).",
  },
  E2BIG: {
    cause:
      "Arguments and environment are larger than the kernel takes (128 kB for one, a quarter of ulimit -s for all).",
    remedy: "Put long values into params, which travel in the assignment, or into a file.",
  },
  EAGAIN: {
    cause: "The user, container or job may start no more processes.",
    remedy:
      "Look for processes that are left (ps), or raise the limit (ulimit -u, pids limit of the cgroup).",
  },
  ENOMEM: {
    cause: "The machine had no memory left for another process.",
    remedy: "See what holds it (free -h, top), or raise the limit of the container or job.",
  },
  EMFILE: {
    cause: "llem reached its limit of open files.",
    remedy: "Raise it (ulimit -n); llem run --resume DIR runs what is left.",
  },
  ENFILE: {
    cause: "The machine reached its limit of open files.",
    remedy: "Look for a process that holds many (lsof), or raise fs.file-max.",
  },
  ETXTBSY: {
    cause: "Somebody has the program open for writing.",
    remedy: "Wait until it has been copied or built.",
  },
};

const OTHER_INTERPRETER =
  `Name another image (runners: docker:<image>), or its interpreter in ${interpreterFields()}.`;

/** Why a container's command was never started, by the exit codes of docker run. */
const CONTAINER: Readonly<Record<string, Explanation>> = {
  docker_failed: {
    cause: "The docker daemon refused to make or to start the container.",
    remedy: "Follow docker's words; docker info and its log (journalctl -u docker) tell more.",
  },
  docker_not_executable: {
    cause: "The interpreter in the image may not be run by this user.",
    remedy: OTHER_INTERPRETER,
  },
  docker_not_found: {
    cause: "There is no such interpreter in the image.",
    remedy: OTHER_INTERPRETER,
  },
};

/** Messages of our own search for the program hold the remedy; the kernel's do not. */
const KERNEL_SAYS = "Cannot start ";

/** What a user can do who did not choose the program. */
const NOT_ONES_OWN: Explanation = {
  cause: "The program lies on a file system mounted noexec, or the system lets nobody start it there.",
  remedy: "Choose another folder for results with -o; llem doctor says from where workers are started.",
};

/** Null where the message says all there is. */
export function explainSpawnFailure(
  error: RunError,
  { backend }: Pick<ExperimentConfig, "backend">,
): Explanation | null {
  const container = CONTAINER[error.type];
  if (container !== undefined) return container;
  if (!error.message.startsWith(KERNEL_SAYS)) return null;
  if (error.type === "EACCES" && !isUsersProgram(backend)) return NOT_ONES_OWN;
  return ERRNO[error.type] ?? {
    cause: `The kernel refused to start it (${error.type}).`,
    remedy: "Start it by hand, in the same folder and with the same environment, to see more.",
  };
}

/** A record of a newer llem may name a backend that this one does not know. */
function isUsersProgram(backend: ExperimentConfig["backend"]): boolean {
  return !Object.hasOwn(ENGINES, backend) || ENGINES[backend].worker?.kind === "user_program";
}
