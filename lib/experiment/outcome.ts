import type { JsonObject } from "../base/json.ts";

/**
 * How one attempt ended, by its first cause:
 * - completed: a valid result, then exit 0
 * - failed: the worker said so in an error frame
 * - crashed: an exit code other than 0 or a signal that was not ours
 * - timed_out: a limit of ours passed (total, startup or silence)
 * - protocol_error: exit 0 without a result, or frames that cannot be trusted
 * - spawn_failed: the program could not be started
 * - interrupted: the user stopped the study
 * - lost: the runner died while the attempt ran (found on resume)
 * - unkillable: SIGKILL did not end it
 */
export const OUTCOME_KINDS = [
  "completed",
  "failed",
  "crashed",
  "timed_out",
  "protocol_error",
  "spawn_failed",
  "interrupted",
  "lost",
  "unkillable",
] as const;
export type OutcomeKind = typeof OUTCOME_KINDS[number];

/** What else was seen, on top of the kind: it never hides or changes it. */
export type OutcomeFlag =
  | "leaked"
  | "closed_by_force"
  | "result_present"
  | "suspended"
  | "oom"
  | "flaky"
  /** Completed, but slowed down by other work on the machine. */
  | "contended"
  /** Completed, but its latencies are marginal: the client of a server was a limit of what it measured. */
  | "client_limited";

/** The code of the note by which a worker says so. */
export const CLIENT_LIMITED = "client_limited";

/** What went wrong, as the worker or the runner names it. */
export interface RunError {
  /** A class name or code such as `CudaOutOfMemory`, `model_not_found`, `timeout_total`, `ENOENT`. */
  readonly type: string;
  readonly message: string;
  readonly traceback: string | null;
  /** Whether another attempt could go better, as the worker or the runner sees it; null where nobody knows. */
  readonly retryable: boolean | null;
}

/** The end of one attempt. Exit code and signal are two things: a shell's 137 is a code. */
export interface Outcome {
  readonly kind: OutcomeKind;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly flags: readonly OutcomeFlag[];
  /** Null exactly when the kind is `completed`. */
  readonly error: RunError | null;
}

/** The measurement as the backend saw it: the checked fields of its result frame. */
export interface Measurement {
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly requests: number | null;
  readonly model: JsonObject;
  readonly memory: JsonObject;
  readonly metrics: JsonObject;
  /** Anything else the backend put into its result. */
  readonly [other: string]: unknown;
}

/** The short word of a run for rows and scripts, from its outcome. */
export type RunStatus = "completed" | "failed" | "interrupted";

/** `failed` covers every way of not completing that was not the user's wish. */
export function statusOf(kind: OutcomeKind): RunStatus {
  if (kind === "completed" || kind === "interrupted") return kind;
  return "failed";
}
