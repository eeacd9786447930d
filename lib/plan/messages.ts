/** The texts of lib/plan for people: one pure function for each message. */
import type { Issue } from "../base/issue.ts";
import type { Json } from "../base/json.ts";
import { plural } from "../base/text.ts";

/** Why a point of a sweep of both places for the number of prompts is left out. */
export function sweptCountsDiffer({ n, own }: { readonly n: Json; readonly own: Json }): string {
  return `dataset.n is ${JSON.stringify(own)}, but n is ${JSON.stringify(n)}: both set the number of prompts`;
}

/** Why the windows of a study may be too short; `of` is how many experiments are, and of how many. */
export function shortWindow(
  of: { readonly short: number; readonly all: number },
  why: { readonly kind: "tokens"; readonly count: number } | {
    readonly kind: "time";
    readonly seconds: number;
  },
): string {
  const windows = of.all === 1
    ? "the measured window"
    : `the measured window of ${of.short} of ${plural(of.all, "experiment")}`;
  const reason = why.kind === "time"
    ? `it lasts ${why.seconds} s`
    : `a run generates at most ${plural(why.count, "token")}`;
  return `${windows} may be too short for energy: ${reason}; energy needs a window of at least 10 s`;
}

/** What to do about it. */
export function shortWindowHint(): string {
  return "set measure.min_seconds: 30, or energy.backend: null to meter nothing";
}

type IssueText = Pick<Issue, "message" | "hint">;

/** A number for people; one that is no longer exact is not spelt out. */
function count(number: number): string {
  return Number.isSafeInteger(number) ? number.toLocaleString("en-US") : "too many";
}

/** A ramp has no one load that could be the highest. */
export function rampSearched(over: string): IssueText {
  return {
    message: `is ${over}, which arrivals: ramp change during a run`,
    hint: "use arrivals: poisson, constant or gamma",
  };
}

/** Why the highest load of a search cannot be run where the lowest can. */
export function searchEndsBadly(
  { at, message }: { readonly at: string; readonly message: string },
): IssueText {
  return { message: `makes an experiment in which ${at} ${message}`, hint: null };
}

export function tooManyRuns(
  { experiments, cycles, most, setting }: {
    readonly experiments: number;
    readonly cycles: number;
    readonly most: number;
    /** Where the cycles come from. */
    readonly setting: "n_cycles" | "max_cycles";
  },
): IssueText {
  const product = `${count(experiments)} ${experiments === 1 ? "experiment" : "experiments"} x ${
    count(cycles)
  } cycles = ${count(experiments * cycles)} runs`;
  return {
    message: `makes ${product}; a plan can have at most ${count(most)}`,
    hint: `sweep fewer values, or reduce execution.${setting}`,
  };
}

/** No grid point is valid. */
export function nothingToRun(points: number, reasons: readonly string[]): string {
  const invalid = points === 1 ? "its only point is invalid" : `all ${points} points are invalid`;
  return `leaves nothing to run: ${invalid}: ${reasons.join(" | ")}`;
}

export function mostPointsSkipped(
  { skipped, all, reason }: { readonly skipped: number; readonly all: number; readonly reason: string },
): IssueText {
  return {
    message: `more than half of its points are invalid and are skipped: ${skipped} of ${all}`,
    hint: `the first: ${reason}`,
  };
}

/** `repeated` experiments are equal to one before them; the issue stands at the first of these. */
export function equalExperiments(repeated: number, all: number): IssueText {
  const verb = repeated === 1 ? "duplicates" : "duplicate";
  return {
    message: `${repeated} of ${plural(all, "experiment")} ${verb} an earlier one and ${
      repeated === 1 ? "is" : "are"
    } skipped; the first is here`,
    hint: "execution.n_cycles repeats experiments",
  };
}

// What differs between two plans.

export function cyclesChanged(was: number, is: number): string {
  return `n_cycles was ${was}, is ${is}`;
}

/** One of the two says how often a study repeats; `was` is the one that it had. */
export function repeatsChanged(was: "n_cycles" | "until"): string {
  const now = was === "until" ? "n_cycles" : "until";
  return `the study had execution.${was} and has execution.${now} now`;
}

export function experimentAdded(hash: string, config: string): string {
  return `experiment ${hash} is new: ${config}`;
}

export function experimentChanged(was: string, is: string, changes: readonly string[]): string {
  return `experiment ${was} is now ${is}: ${changes.join("; ")}`;
}

export function experimentRemoved(hash: string, config: string): string {
  return `experiment ${hash} is gone: ${config}`;
}

export function settingChanged(path: string, was: string, is: string): string {
  return `${path} was ${was}, is ${is}`;
}

export function andMore(more: number): string {
  return `and ${more} more`;
}

/** A setting that a resumed study keeps, although the study file has another value now. */
export function settingKept(path: string, kept: string, given: string): string {
  return `${path} stays ${kept}, not ${given}`;
}

export function secretKept(path: string): string {
  return `${path} keeps the value that the study began with`;
}

/** Why a resume runs some runs, by how they stand; in the order in which they are listed. */
export const RESUME_REASONS = {
  lost: "lost",
  interrupted: "interrupted",
  retry: "to retry",
  failed: "failed",
  pending: "pending",
} as const;

export type ResumeReason = keyof typeof RESUME_REASONS;

/** `1 lost, 2 pending` */
export function countedReasons(
  counts: readonly (readonly [reason: ResumeReason, count: number])[],
): string {
  return counts.map(([reason, count]) => `${count} ${RESUME_REASONS[reason]}`).join(", ");
}

/** More shards than there are units of a study that must share a machine. */
export function shardOfMore(shards: number, units: number): string {
  return `--shard: the study has ${plural(units, "part")} to be made on one machine${
    units === 1 ? "" : " each"
  } ` +
    `(a cycle, or with execution.pair_by a group of one), so ${shards} shards are too many. ` +
    `Use ${units} or fewer, or more cycles.`;
}

/** `setting`: what lets a study grow by its results. */
export function shardOfSearch(setting: string): string {
  return `--shard does not go with ${setting}: what is run next depends on all results so far, which no shard has.`;
}
