import type { Outcome } from "../experiment/outcome.ts";

/** Why a program cannot be started now and may be a moment later: errno(3) names, and a device that is in use. */
const PASSING_ERRNOS: ReadonlySet<string> = new Set([
  "EAGAIN",
  "EMFILE",
  "ENFILE",
  "ENOMEM",
  "ETXTBSY",
  "device_busy",
]);

/** The longest wait before another attempt, in seconds. */
export const LONGEST_BACKOFF_SECONDS = 60;

/** How far a wait may be from its plain length, as a part of it: what failed together is not tried together again. */
const JITTER = 0.2;

/**
 * True where another attempt could end otherwise. A mistake in the study fails the same way every time, a stop is
 * the user's wish, and a process that cannot be killed still holds what the next one would need.
 */
export function canChange(outcome: Outcome): boolean {
  switch (outcome.kind) {
    case "crashed":
    case "timed_out":
      return true;
    case "protocol_error":
      // A frame with a wrong value comes again as it was, a frame that was cut off may not.
      return outcome.error?.retryable !== false;
    case "failed":
      return outcome.error?.retryable === true;
    case "spawn_failed":
      return PASSING_ERRNOS.has(outcome.error?.type ?? "");
    case "completed":
    case "interrupted":
    case "lost":
    case "unkillable":
      return false;
  }
}

/** True where the study stood still in the middle of the measurement: the attempt says nothing and is made again. */
export function isVoid({ flags }: Pick<Outcome, "flags">): boolean {
  return flags.includes("suspended");
}

/** A run that was made void so often in one session is left to a resume: what makes it void does not go away. */
export const MOST_VOIDS = 10;

/**
 * Seconds to wait before another attempt: `base_s` after the first failure in a row, twice as long after each
 * further one. `random` lies in [0, 1) and spreads the wait.
 */
export function backoffSeconds(failures: number, base_s: number, random: number): number {
  const plain = Math.min(base_s * 2 ** (failures - 1), LONGEST_BACKOFF_SECONDS);
  return Math.min(plain * (1 + JITTER * (2 * random - 1)), LONGEST_BACKOFF_SECONDS);
}

/**
 * True for an attempt that counts as a failure of its run: one that could have completed and did not. A stop, a
 * runner that died and a suspended machine say nothing of the run; what completes later is not `flaky` for them.
 */
export function isFailure({ kind, flags }: Pick<Outcome, "kind" | "flags">): boolean {
  if (kind === "completed" || kind === "interrupted" || kind === "lost") return false;
  return !isVoid({ flags });
}

/** The outcome of an attempt, told that earlier attempts of its run failed: one that completes all the same is flaky. */
export function markFlaky(outcome: Outcome, failures: number): Outcome {
  if (outcome.kind !== "completed" || failures === 0) return outcome;
  return { ...outcome, flags: [...outcome.flags, "flaky"] };
}
