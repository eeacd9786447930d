import type { Round } from "./rounds.ts";

/** How far a study is. */
export interface Standing {
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  /** Runs that have ended for good: completed or failed. */
  readonly ended: number;
  readonly left: number;
}

/** How often the agents of a study are submitted at most without a person asking for it. */
export const MOST_ROUNDS = 20;

/** What comes after a round of agents. */
export type AfterRound =
  | "complete"
  /** No agent has even made the study. */
  | "not_begun"
  | "stopped"
  /** Somebody cancelled agents of this round by scancel, and means it. */
  | "cancelled"
  /** This round ended no run: another one would not, either. */
  | "no_progress"
  | "too_often"
  | "again";

/** Decides that. `standing` is null where the study was not made. */
export function afterRound(
  standing: Standing | null,
  last: Pick<Round, "round" | "ended_before"> | null,
  { isStopped, isCancelled }: { readonly isStopped: boolean; readonly isCancelled: boolean },
): AfterRound {
  if (standing !== null && standing.left === 0) return "complete";
  if (isStopped) return "stopped";
  if (isCancelled) return "cancelled";
  if (standing === null) return "not_begun";
  if (standing.ended <= (last?.ended_before ?? 0)) return "no_progress";
  return (last?.round ?? 0) >= MOST_ROUNDS ? "too_often" : "again";
}
