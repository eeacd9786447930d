/** Texts about studies that repeat until an interval is narrow enough. */
import { formatDuration } from "../../base/duration.ts";
import type { Issue } from "../../base/issue.ts";
import { plural } from "../../base/text.ts";

type IssueText = Pick<Issue, "message" | "hint">;

/** A limit of cycles for a study without execution.until. */
export function cyclesAreFixed(dir: string): string {
  return `${dir} repeats a fixed number of cycles: --max-cycles and --time-budget need execution.until`;
}

export function mostTooFew(most: number, least: number): string {
  return `--max-cycles ${most} must be greater than the study's min_cycles (${least})`;
}

/** The limits that a study goes on with. */
export function limitsTaken(most: number, budget_s: number | null): string {
  const budget = budget_s === null ? "" : `, within ${formatDuration(budget_s)}`;
  return `the study may now go on for up to ${plural(most, "cycle")}${budget}`;
}

/** Of a metric that is written like one of llem's. */
export function metricUnknown(): string {
  return "is no metric of llem";
}

/** Of a metric that llem does not know; a worker may give it. */
export function ownMetric(cycles: number): IssueText {
  return {
    message: "is no metric of llem, so the worker must give it",
    hint: `if no run does, the study ends after ${plural(cycles, "cycle")}`,
  };
}

/** Of a metric that needs a meter, where there is none. */
export function metricNotMetered(cycles: number): IssueText {
  return {
    message: "needs an energy meter, and none is found here",
    hint: `if no run has it, the study ends after ${plural(cycles, "cycle")}; see llem doctor`,
  };
}
