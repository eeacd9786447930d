/** The texts of `llem history` for people. */
import { formatNumber, plural } from "../../base/text.ts";

export const HISTORY_COLUMNS = {
  started: "started (UTC)",
  study: "study",
  runs: "runs",
  expected: "expected",
  standing: "standing",
} as const;

/** Of the page of `llem history --html`. */
export const PAGE_KIND = "llem history";
export const NOTES_TITLE = "What else is to be known";

/** Of its plots. */
export const CHART = {
  study: "study",
  unjudged: "study with too few before it",
  expected: "95 % of what comes next",
  changed: "machine or software changed",
  absent: "No study tells when it began, so there is nothing to draw.",
} as const;

export function chartTitle(configuration: string, metric: string): string {
  return `${configuration}: ${metric}`;
}

/** What a screen reader says of the plot. */
export function chartText(studies: number, span: readonly [string, string] | null, outside: number): string {
  const which = outside === 0 ? "none lies" : outside === 1 ? "1 lies" : `${outside} lie`;
  return `Each of ${countOf(studies)}${
    span === null ? "" : ` from ${span[0]} to ${span[1]}`
  }, with the 95 % interval over its runs; the band is what the earlier studies ` +
    `predicted for each: ${which} outside.`;
}

/** Of one study, for who points at it. */
export function pointText(
  study: string,
  value: string,
  standing: string,
  changes: readonly { readonly what: string; readonly before: string; readonly after: string }[],
): string {
  const changed = changes.map(({ what, before, after }) => `; ${what}: from ${before} to ${after}`).join("");
  return `${study}: ${value}${standing === "" ? "" : `, ${standing}`}${changed}`;
}

/** What is said of a study beside its value. */
export const STANDINGS = {
  unjudged: "",
  expected: "",
  better: "better",
  worse: "worse",
  different: "outside",
} as const;

/** What the newest study, or the newest two, have to do with those before. */
export interface OutsideFacts {
  readonly configuration: string;
  /** As it is called in a sentence. */
  readonly metric: string;
  readonly value: number;
  readonly expected: {
    readonly mean: number;
    readonly low: number;
    readonly high: number;
    readonly n: number;
  };
}

export function alarmLine(facts: OutsideFacts): string {
  return `${facts.configuration}: worse. ${twoOutside(facts)}`;
}

export function improvedLine(facts: OutsideFacts): string {
  return `${facts.configuration}: better. ${twoOutside(facts)}`;
}

export function changedLine(facts: OutsideFacts): string {
  return `${facts.configuration}: changed. ${twoOutside(facts)}`;
}

/** One study outside is what chance does to one in twenty. */
export function onceLine(facts: OutsideFacts): string {
  return `${facts.configuration}: not clear yet. ${
    outside("the newest study", facts)
  } One study outside may be ` +
    "chance; the next one tells.";
}

export function steadyLine(configuration: string, metric: string, studies: number): string {
  return `${configuration}: steady. The ${metric} of the newest study is where ${studies} earlier ones predict.`;
}

export function tooFewLine(configuration: string, metric: string, studies: number, fewest: number): string {
  return `${configuration}: ${countOf(studies)} with ${metric}. That is too few to judge the newest: ` +
    `it takes ${fewest} earlier ones.`;
}

export function noValueLine(configuration: string): string {
  return `${configuration}: the newest study has no number to follow; --metric names one.`;
}

function twoOutside(facts: OutsideFacts): string {
  return outside("each of the newest two studies", facts);
}

function outside(which: string, { metric, value, expected: { mean, low, high, n } }: OutsideFacts): string {
  const percent = Math.abs(value / mean - 1) * 100;
  const side = value > mean ? "above" : "below";
  const size = percent >= 9.95 ? percent.toFixed(0) : percent.toPrecision(2);
  return `The ${metric} of ${which} is ${side} what ${n} earlier ones predict: now ${fourDigits(value)}, ` +
    `${size} % ${side} their mean, expected ${expectedRange(low, high)}.`;
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
  return `${fourDigits(low)} to ${fourDigits(high)}`;
}

/** `0.231 [0.2302, 0.2318]`; of one run without the interval. */
export function valueWithInterval(value: number, low: number | null, high: number | null): string {
  const interval = low === null || high === null ? "" : ` [${fourDigits(low)}, ${fourDigits(high)}]`;
  return `${fourDigits(value)}${interval}`;
}

export function changeNote(study: string, what: string, before: string, after: string): string {
  return `${what} changed with ${study}: from ${before} to ${after}.`;
}

/** `metric`: as it is called in a sentence. */
export function twoGroupsNote(
  metric: string,
  [low, high]: readonly [number, number],
  between: number,
): string {
  return `The ${metric} seems to have two modes: ${countOf(low)} below ${
    fourDigits(between)
  } and ${high} above. What is ` +
    "expected is wide then; look for what tells both apart, such as clocks, temperature or placement.";
}

export function moreChanges(count: number): string {
  return `${plural(count, "further change")} of machine or software: see --json.`;
}

export function skippedMachine(studies: number): string {
  return `${countOf(studies)} of another machine ${isOrAre(studies)} left out.`;
}

export function skippedContent(studies: number): string {
  return `${countOf(studies)} ${isOrAre(studies)} left out: the model or the prompts had the same ` +
    "name and other content.";
}

export function skippedNoRuns(studies: number): string {
  return `${countOf(studies)} ${isOrAre(studies)} left out: no run of the configuration completed.`;
}

export function skippedOlder(studies: number): string {
  return `${countOf(studies, "older ")} ${isOrAre(studies)} left out; --last takes more.`;
}

export function skippedNoValue(studies: number, metric: string): string {
  return `${countOf(studies)} ${isOrAre(studies)} left out: no ${metric} above 0.`;
}

export function missingResults(runs: number): string {
  return `${plural(runs, "completed run")} ${isOrAre(runs)} left out: the result is missing or damaged. ` +
    "llem list names the study, and llem run --resume DIR repeats such runs.";
}

export function skippedDamaged(studies: number, first: string): string {
  return `${countOf(studies)} cannot be read; the first: ${first}`;
}

export function onlyNewest(studies: number): string {
  return `Only ${studies} studies of the folder were looked through.`;
}

export function otherConfigurations(count: number): string {
  return `${
    plural(count, "further configuration")
  } in these studies: --config HASH or a part of its name shows one.`;
}

/** `1 study`, `2 older studies`. */
function countOf(studies: number, which = ""): string {
  return `${studies} ${which}${studies === 1 ? "study" : "studies"}`;
}

/** Below each other numbers of one size have as many digits. */
function fourDigits(value: number): string {
  const text = value.toPrecision(4);
  return text.includes("e") || Number.isInteger(value) ? formatNumber(value) : text;
}

function isOrAre(count: number): string {
  return count === 1 ? "is" : "are";
}
