/** The texts of `llem history` for people. */
import { formatNumber, plural } from "../../base/text.ts";

export const HISTORY_COLUMNS = {
  started: "started (UTC)",
  study: "study",
  runs: "runs",
  expected: "expected",
} as const;

/** What is said of a study beside its value. */
export const STANDINGS = {
  unjudged: "",
  expected: "",
  better: "better",
  worse: "worse",
  different: "outside",
} as const;

/** `configuration: verdict`. `change`: `takes 5 % more energy per output token`, of the newest study over what is expected. */
export function alarmLine(configuration: string, change: string, studies: number): string {
  return `${configuration}: worse. The newest study ${change} than the ${studies} studies before it, and so did the one ` +
    "before: both are outside what these predict.";
}

export function improvedLine(configuration: string, change: string, studies: number): string {
  return `${configuration}: better. The newest study ${change} than the ${studies} studies before it, and so did the ` +
    "one before: both are outside what these predict.";
}

export function changedLine(configuration: string, change: string, studies: number): string {
  return `${configuration}: changed. The newest study ${change} than the ${studies} studies before it, and so did the ` +
    "one before: both are outside what these predict.";
}

export function onceLine(configuration: string, change: string, studies: number): string {
  return `${configuration}: watch. The newest study ${change} than the ${studies} studies before it, which is outside ` +
    "what they predict; one study outside may be chance, two in a row are not.";
}

export function steadyLine(configuration: string, metric: string, studies: number): string {
  return `${configuration}: steady. The ${metric} of the newest study is where ${studies} earlier ones predict.`;
}

export function tooFewLine(configuration: string, metric: string, studies: number, fewest: number): string {
  return `${configuration}: ${plural(studies, "study", "studies")} with ${metric}; what is to be expected can be told ` +
    `from ${fewest} earlier ones on.`;
}

export function noValueLine(configuration: string): string {
  return `${configuration}: no study has a number to follow; name one with --metric.`;
}

/** `J/token, less is better`. */
export function metricFacts(metric: string, unit: string | null, better: "less" | "more" | null): string {
  const parts = [...unit === null ? [] : [unit], ...better === null ? [] : [`${better} is better`]];
  return parts.length === 0 ? metric : `${metric} (${parts.join("; ")})`;
}

export function onMachine(machine: string): string {
  return `on ${machine}`;
}

/** `0.2286 to 0.2346`. */
export function expectedRange(low: number, high: number): string {
  return `${formatNumber(low)} to ${formatNumber(high)}`;
}

/** `0.231 [0.2302, 0.2318]`; of one run without the interval. */
export function valueWithInterval(value: number, low: number | null, high: number | null): string {
  const interval = low === null || high === null ? "" : ` [${formatNumber(low)}, ${formatNumber(high)}]`;
  return `${formatNumber(value)}${interval}`;
}

export function changeNote(study: string, what: string, before: string, after: string): string {
  return `${what} changed with ${study}: from ${before} to ${after}.`;
}

export function moreChanges(count: number): string {
  return `${plural(count, "further change")} of machine or software: see --json.`;
}

export function skippedMachine(studies: number): string {
  return `${plural(studies, "study", "studies")} of another machine ${isOrAre(studies)} left out.`;
}

export function skippedContent(studies: number): string {
  return `${plural(studies, "study", "studies")} ${isOrAre(studies)} left out: the model or the prompts had the same ` +
    "name and other content.";
}

export function skippedNoRuns(studies: number): string {
  return `${plural(studies, "study", "studies")} ${isOrAre(studies)} left out: no run of the configuration completed.`;
}

export function skippedOlder(studies: number): string {
  return `${plural(studies, "older study", "older studies")} ${isOrAre(studies)} left out; --last takes more.`;
}

export function skippedNoValue(studies: number, metric: string): string {
  return `${plural(studies, "study", "studies")} ${isOrAre(studies)} left out: no ${metric} above 0.`;
}

export function missingResults(runs: number): string {
  return `${plural(runs, "completed run")} ${isOrAre(runs)} left out: the result is missing or damaged.`;
}

export function skippedDamaged(studies: number, first: string): string {
  return `${plural(studies, "study", "studies")} cannot be read; the first: ${first}`;
}

export function onlyNewest(studies: number): string {
  return `Only ${studies} studies of the folder were looked through.`;
}

export function otherConfigurations(count: number): string {
  return `${plural(count, "further configuration")} in these studies: --config HASH or a part of its name shows one.`;
}

function isOrAre(count: number): string {
  return count === 1 ? "is" : "are";
}
