import type { Explanation } from "../../engines/failure_rule.ts";
import { ENGINES } from "../../engines/engines.ts";
import { interpreterFields } from "../../engines/listed.ts";
import type { ExperimentConfig } from "../../experiment/config.ts";
import type { RunError } from "../../experiment/outcome.ts";
import {
  containerRefused,
  ERRNO_MEANINGS,
  imageInterpreter,
  otherErrno,
  ownWorkerNotExecutable,
} from "./messages.ts";

/** Why a container's command was never started, by the exit codes of docker run. */
const CONTAINER: Readonly<Record<string, Explanation>> = {
  docker_failed: containerRefused(),
  docker_not_executable: imageInterpreter("not_executable", interpreterFields()),
  docker_not_found: imageInterpreter("not_found", interpreterFields()),
};

/** Messages of our own search for the program hold the remedy; the kernel's do not. */
const KERNEL_SAYS = "Cannot start ";

/** Null where the message says all there is. */
export function explainSpawnFailure(
  error: RunError,
  { backend }: Pick<ExperimentConfig, "backend">,
): Explanation | null {
  const container = CONTAINER[error.type];
  if (container !== undefined) return container;
  if (!error.message.startsWith(KERNEL_SAYS)) return null;
  if (error.type === "EACCES" && !isUsersProgram(backend)) return ownWorkerNotExecutable();
  return ERRNO_MEANINGS[error.type] ?? otherErrno(error.type);
}

/** A record of a newer llem may name a backend that this one does not know. */
function isUsersProgram(backend: ExperimentConfig["backend"]): boolean {
  return !Object.hasOwn(ENGINES, backend) || ENGINES[backend].worker?.kind === "user_program";
}
