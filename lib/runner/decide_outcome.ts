import type { Outcome, OutcomeFlag, OutcomeKind, RunError } from "../experiment/outcome.ts";
import { containerNotRemoved } from "../process/messages.ts";
import type { ProcessExit, SpawnFailure } from "../process/spawn.ts";
import type { StopSignal } from "../process/inherited.ts";
import type { ErrorFrame } from "../protocol/frame.ts";
import * as messages from "./messages.ts";

/** Which limit of a run passed. Once the worker has handed in its result or its error, that is no cause any more. */
export type Limit = "total" | "startup" | "silence" | "study";

/** What ended the attempt before its own exit did; the first one stands. */
export type Cause =
  | { readonly kind: "error_frame"; readonly frame: ErrorFrame }
  | { readonly kind: "limit"; readonly limit: Limit; readonly seconds: number }
  | { readonly kind: "stop"; readonly signal: StopSignal }
  | { readonly kind: "suspended"; readonly seconds: number }
  | { readonly kind: "device_lost"; readonly text: string }
  /** Its worker is that of another llem. */
  | { readonly kind: "other_worker"; readonly message: string }
  /** It was measured, or handed in a result, before it was let through its gate. */
  | { readonly kind: "out_of_turn" }
  /** There is no server for it, or none any more. */
  | { readonly kind: "server_failed"; readonly error: Pick<RunError, "type" | "message" | "retryable"> };

/** Everything that the outcome depends on. */
export interface OutcomeFacts {
  /** Set where no worker came to be. */
  readonly spawn_failure: SpawnFailure | null;
  /** Why the worker's container may still be there; null where it is gone or never was. */
  readonly unremoved: string | null;
  readonly cause: Cause | null;
  /** Null where the process would not die. */
  readonly exit: ProcessExit | null;
  /** We ended the worker when it had handed in all: its exit says nothing. */
  readonly closing: boolean;
  /** It had handed in its result or its error, did not end in time, and died of our SIGKILL. */
  readonly closed_by_force: boolean;
  /** A valid result frame arrived. */
  readonly has_result: boolean;
  /** What was wrong with the worker's frames, the first of it; null where nothing was. */
  readonly protocol_issue: string | null;
  /** What was wrong is what the worker wrote, and it would write the same again. */
  readonly issue_repeats: boolean;
  /**
   * The kernel's OOM killer took the worker or a process of it; never set for what we killed. Null where it may have been another
   * worker beside it that was taken.
   */
  readonly oom: boolean | null;
  readonly leaked: boolean;
}

/** Names the outcome by its first cause. Later events never rename it. */
export function decideOutcome(facts: OutcomeFacts): Outcome {
  const { kind, error } = judge(facts);
  const flags: OutcomeFlag[] = [];
  if (facts.leaked) flags.push("leaked");
  if (facts.closed_by_force) flags.push("closed_by_force");
  if (kind === "interrupted" && facts.cause?.kind === "suspended") flags.push("suspended");
  if (facts.oom === true && kind !== "completed") flags.push("oom");
  if (facts.has_result && kind !== "completed") flags.push("result_present");
  return { kind, exit_code: facts.exit?.code ?? null, signal: facts.exit?.signal ?? null, flags, error };
}

interface Judgement {
  readonly kind: OutcomeKind;
  readonly error: RunError | null;
}

function judge(facts: OutcomeFacts): Judgement {
  const { spawn_failure, unremoved, cause, exit, has_result, protocol_issue, oom } = facts;
  if (unremoved !== null) {
    return trouble("unkillable", "unremoved_container", containerNotRemoved(unremoved));
  }
  if (spawn_failure !== null) return trouble("spawn_failed", spawn_failure.errno, spawn_failure.message);
  if (exit === null) {
    return trouble("unkillable", "unkillable", messages.workerSurvivedKill());
  }
  if (cause !== null) return judgeCause(cause);
  const isOurs = facts.closing || facts.closed_by_force && has_result;
  if (isOurs && protocol_issue === null) return { kind: "completed", error: null };
  if (exit.signal !== null && !isOurs) {
    const death = { has_result, oom: takenBy(oom, exit) };
    return trouble("crashed", exit.signal, messages.workerKilledBy(exit.signal, death));
  }
  if (exit.code !== 0 && !isOurs) {
    const death = { has_result, oom: takenBy(oom, exit) };
    return trouble("crashed", "exit_code", messages.workerExitedWith(exit.code, death));
  }
  if (protocol_issue !== null) {
    return trouble("protocol_error", "broken_frame", protocol_issue, facts.issue_repeats ? false : null);
  }
  if (!has_result) {
    return trouble("protocol_error", "no_result", messages.noResultFrame());
  }
  return { kind: "completed", error: null };
}

function judgeCause(cause: Cause): Judgement {
  switch (cause.kind) {
    case "error_frame": {
      const { error_type, message, traceback, retryable } = cause.frame;
      const error = { type: error_type, message, traceback: traceback ?? null, retryable: retryable ?? null };
      return { kind: "failed", error };
    }
    case "limit":
      return trouble("timed_out", `timeout_${cause.limit}`, messages.runTimedOut(cause.limit, cause.seconds));
    case "stop":
      return trouble("interrupted", cause.signal, messages.runStopped(cause.signal));
    case "device_lost":
      return trouble("interrupted", "device_lost", messages.runLostDevice(cause.text));
    case "server_failed": {
      const { type, message, retryable } = cause.error;
      return trouble("failed", type, message, retryable);
    }
    case "out_of_turn":
      return trouble("protocol_error", "out_of_turn", messages.measuredOutOfTurn(), false);
    case "other_worker":
      return trouble("failed", "other_worker", cause.message, false);
    case "suspended":
      return trouble("interrupted", "suspended", messages.runPaused(cause.seconds));
  }
}

function trouble(
  kind: OutcomeKind,
  type: string,
  message: string,
  retryable: boolean | null = null,
): Judgement {
  return { kind, error: { type, message, traceback: null, retryable } };
}

function takenBy(oom: boolean | null, exit: ProcessExit): messages.WorkerDeath["oom"] {
  if (oom === null) return "unknown";
  if (!oom) return null;
  return exit.signal === "SIGKILL" ? "worker" : "child";
}
