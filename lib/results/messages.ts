import { formatNumber, plural } from "../base/text.ts";

/** What of a run is saved: each reads after "Cannot save" and before its path. */
export const SAVED = {
  folder: "the run folder",
  requests: "the requests",
  record: "the result",
  trace: "the power trace",
  gate: "the file that lets a run be measured",
} as const;

export function serverFactsDiffer(place: string, name: string, before: string, after: string): string {
  return `The server says other things of itself than at another point of the study: ${place} ${name} was ` +
    `${before}, now ${after}.`;
}

export function moreFactsDiffer(more: number): string {
  return `${more} more values differ.`;
}

/** One number of an audit, with its ratio less 1. */
export interface AuditDifference {
  readonly metric: string;
  readonly difference: number;
  readonly ci: readonly [number, number];
}

/** What the audit of a study came to. `tolerance` and differences are shares; `widest` is null where nothing was measured. */
export function auditResult(
  audit:
    | { readonly answer: "within_tolerance"; readonly numbers: number }
    | { readonly answer: "differs"; readonly worst: AuditDifference }
    | { readonly answer: "not_resolvable"; readonly widest: number | null },
  tolerance: number,
): string {
  switch (audit.answer) {
    case "within_tolerance":
      return `audit: neighbours change nothing beyond ${percent(tolerance)} (${
        plural(audit.numbers, "number")
      } ` +
        "measured alone and beside others)";
    case "differs": {
      const { metric, difference, ci: [low, high] } = audit.worst;
      return `audit: beside others ${metric} differs by ${percent(difference)} ` +
        `[${percent(low)}, ${percent(high)}], so runs are measured one after the other (staged)`;
    }
    case "not_resolvable":
      return audit.widest === null
        ? "audit: no number could be measured alone and beside others; energy is marginal at best"
        : `audit: what neighbours change is not resolvable to ${percent(tolerance)} (half-width up to ` +
          `${percent(audit.widest)}); energy is marginal at best. More pairs or longer windows would tell.`;
  }
}

/** A run of an audit; `beside`: runs that keep the other boards busy. */
export function auditBegins(
  name: string,
  { arm, beside, done, total }: {
    readonly arm: "alone" | "beside";
    readonly beside: number;
    readonly done: number;
    readonly total: number;
  },
): string {
  const how = arm === "alone" ? "alone" : `beside ${plural(beside, "other")}`;
  return `audit ${done + 1}/${total}: ${name}, ${how}`;
}

function percent(share: number): string {
  return `${formatNumber(Number((share * 100).toPrecision(2)))} %`;
}
