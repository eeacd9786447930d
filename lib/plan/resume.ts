import type { OutcomeKind } from "../experiment/outcome.ts";
import type { Run } from "../experiment/run.ts";
import { countedReasons, type ResumeReason } from "./messages.ts";

/**
 * Where a run stands in the journal that a resume finds: how its last attempt ended, or
 * - pending: no attempt was begun
 * - running: an attempt was begun and has no end, and no runner is alive
 * - retry_due: its last attempt failed, and the one that was to follow was not begun
 */
export type Standing = OutcomeKind | "pending" | "running" | "retry_due";

/** What a resume does about one run. `end_and_run` first kills what is left of the last attempt and writes it down as lost. */
export type ResumeAction = "keep" | "run" | "end_and_run";

export interface ResumeOptions {
  readonly retryFailed: boolean;
}

/** The decision table of docs/resume.md. It goes by what a run is (configuration and cycle), never by its place. */
export function resumeAction(standing: Standing, { retryFailed }: ResumeOptions): ResumeAction {
  switch (standing) {
    case "completed":
      return "keep";
    case "running":
      return "end_and_run";
    case "pending":
    case "retry_due":
    case "interrupted":
    case "lost":
      return "run";
    case "failed":
    case "crashed":
    case "timed_out":
    case "protocol_error":
    case "spawn_failed":
    case "unkillable":
      return retryFailed ? "run" : "keep";
  }
}

/** A run that a resume makes, and where it stood. */
export interface ResumedRun {
  readonly run: Run;
  readonly standing: Standing;
}

/** The runs that a resume makes, in the order of the plan. */
export function runsToResume(
  runs: readonly Run[],
  standingOf: (run: Run) => Standing,
  options: ResumeOptions,
): ResumedRun[] {
  return runs.map((run) => ({ run, standing: standingOf(run) }))
    .filter(({ standing }) => resumeAction(standing, options) !== "keep");
}

/** In the order in which they are listed. */
const REASONS: readonly (readonly [reason: ResumeReason, standings: readonly Standing[]])[] = [
  ["lost", ["running", "lost"]],
  ["interrupted", ["interrupted"]],
  ["retry", ["retry_due"]],
  ["failed", ["failed", "crashed", "timed_out", "protocol_error", "spawn_failed", "unkillable"]],
  ["pending", ["pending"]],
];

/** Why runs are made, counted: `1 lost, 2 pending`. */
export function resumeReasons(resumed: readonly ResumedRun[]): string {
  return countedReasons(
    REASONS.map(([reason, standings]) =>
      [reason, resumed.filter(({ standing }) => standings.includes(standing)).length] as const
    ).filter(([, count]) => count > 0),
  );
}
