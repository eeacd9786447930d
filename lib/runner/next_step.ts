import { type Outcome, statusOf } from "../experiment/outcome.ts";
import { type RunEnd, wayToGiveUp } from "../plan/give_up.ts";
import { canChange, isVoid, MOST_VOIDS } from "../plan/retry.ts";
import type { Execution } from "../study/execution.ts";
import type { Halt, HaltReason } from "./halt.ts";

/** Everything that the next step depends on besides the outcome. */
export interface StepState {
  readonly rules: Pick<Execution, "retries" | "max_failures" | "give_up_after">;
  /** Attempts of this run in this session, the one that has just ended included; void ones do not count. */
  readonly tries: number;
  /** Earlier attempts of this run in this session that were made void. */
  readonly voids: number;
  /** Other runs that failed in this session. */
  readonly failed_runs: number;
  /** How the earlier runs of this run's group ended in this session, in order; null where this one does not count for it. */
  readonly group_ends: readonly RunEnd[] | null;
  /** Null where nothing keeps the study from going on. */
  readonly halt: Halt | null;
}

/**
 * What a study does after an attempt:
 * - continue: the run is over, the next one may begin
 * - retry: the same run again, at once where the attempt was the first void one, else after a pause
 * - give_up: the run is over, and the rest of its group is left out, since its first runs all ended that `way`
 * - halt: the study ends
 */
export type Step =
  | { readonly kind: "continue" }
  | { readonly kind: "retry"; readonly pause: "none" | "backoff" }
  | { readonly kind: "give_up"; readonly way: string }
  | { readonly kind: "halt"; readonly reason: HaltReason };

/**
 * Decides what follows the end of an attempt or, with null for an outcome, whether a run may begin. Pure; the table of its
 * cases is tests/runner/next_step_test.ts, the user's view of it docs/resume.md.
 *
 * A halt does not follow a completed run at once: where that was the last one, nothing was cut short. It shows before the
 * next run begins.
 */
export function nextStep(state: StepState, outcome: Outcome | null): Step {
  const { rules, tries, voids, halt } = state;
  if (outcome === null) return halt === null ? { kind: "continue" } : { kind: "halt", reason: halt };
  // Others may have come to that while this one was under way.
  const isEnough = rules.max_failures !== null && state.failed_runs >= rules.max_failures;
  if (halt === null && !isEnough) {
    if (isVoid(outcome) && voids + 1 < MOST_VOIDS) {
      return { kind: "retry", pause: voids === 0 ? "none" : "backoff" };
    }
    if (tries <= rules.retries && canChange(outcome)) return { kind: "retry", pause: "backoff" };
  }
  if (outcome.kind === "unkillable") return { kind: "halt", reason: { kind: "unkillable" } };
  const failed_runs = state.failed_runs + (statusOf(outcome.kind) === "failed" ? 1 : 0);
  if (rules.max_failures !== null && failed_runs >= rules.max_failures) {
    return { kind: "halt", reason: { kind: "max_failures", failed_runs } };
  }
  if (halt !== null && outcome.kind !== "completed") return { kind: "halt", reason: halt };
  const { group_ends } = state;
  const way = group_ends === null ? null : wayToGiveUp(rules.give_up_after, group_ends, outcome);
  return way === null ? { kind: "continue" } : { kind: "give_up", way };
}

/** Whether an attempt is followed by another one of its run, where nothing but the run itself is known. */
export function isRetried(
  { rules, tries, voids }: Pick<StepState, "rules" | "tries" | "voids">,
  outcome: Outcome,
): boolean {
  return nextStep({ rules, tries, voids, failed_runs: 0, group_ends: [], halt: null }, outcome).kind ===
    "retry";
}
