/** What a reader must know of a comparison, and what is wrong with what was asked for. */
import { formatNumber, plural } from "../../base/text.ts";

export function unknownMetric(name: string, known: readonly string[]): string {
  return `No run has the metric "${name}"; there are: ${some(known)}.`;
}

export function noSuchBaseline(
  asked: string,
  known: readonly { readonly path: string; readonly values: readonly string[] }[],
): string {
  return known.length === 0
    ? `No row is "${asked}": nothing varies in this study.`
    : `No row is "${asked}"; there are: ${
      known.map(({ path, values }) => `${path}=${some(values)}`).join("; ")
    }.`;
}

export function nothingVaries(path: string, paths: readonly string[]): string {
  return paths.length === 0
    ? `"${path}" does not vary: the study has one configuration.`
    : `"${path}" does not vary in this study; these do: ${some(paths)}.`;
}

export function noSuchPath(path: string): string {
  return `--match ${path}: no configuration has a value there; a path is such as llamacpp.n_threads.`;
}

export function severalRowsMatch(values: string, dir: string): string {
  return `Several rows of ${dir} have ${values}; name further paths with --match to tell them apart.`;
}

export function noSuchRun(id: string): string {
  return `No run is called "${id}", so it cannot be left out; the folders in DIR/runs have the names.`;
}

export function severalStudiesHave(run: string, example: string): string {
  return `Several studies have a run "${run}"; name it with its study, as ${example}.`;
}

export function tooFewRuns([base, other]: readonly [number, number]): string {
  return `${base} and ${other} runs have it; 3 of each are needed`;
}

export function noRatio(): string {
  return "a value is 0 or less, so there is no ratio";
}

export function noValue(side: "base" | "other"): string {
  return `no run of the ${side === "base" ? "baseline" : "row"} has it`;
}

export function noCommonCycle(): string {
  return "no cycle has it on both sides";
}

export function unattributable(): string {
  return "the energy of a run cannot be attributed to it";
}

export function marginal(): string {
  return "the energy of a run is marginal";
}

export function otherBoards(): string {
  return "measured on other boards: their sensors may differ by 5 % each, which repeats do not resolve";
}

/** `fewest`: requests from which on the percentile has an upper bound. */
export function tooFewForTail(metric: string, fewest: number): string {
  return `a run has too few requests: its ${metric} is a lower bound; ${fewest} or more a run are needed`;
}

export function refusedFor(what: string, base: string, other: string): string {
  return `${what} differs: ${base} against ${other}`;
}

export function otherAnswers(): string {
  return "the outputs differ although decoding is greedy";
}

export function isStillRunning(dir: string, completed: number, total: number): string {
  return `${dir} is still running: ${completed} of ${total} runs are compared.`;
}

export function isIncomplete(dir: string, completed: number, total: number): string {
  return `${dir}: ${completed} of ${total} runs completed; only those are compared.`;
}

export function resultsMissing(dir: string, count: number): string {
  return `${dir}: the ${
    count === 1 ? "result of a completed run is" : `results of ${count} completed runs are`
  } ` +
    `gone or damaged and not compared; llem run --resume makes ${count === 1 ? "it" : "them"} again.`;
}

export function changedWithin(what: string, values: readonly string[]): string {
  return `${what} changed during the study (${values.join(", then ")}).`;
}

export function flaggedRuns(flag: string, count: number, total: number): string {
  return `${count} of ${total} runs ${count === 1 ? "is" : "are"} marked as ${flag}.`;
}

/** A run whose number lies apart from those of the other cycles. */
export interface RunApart {
  readonly run_id: string;
  readonly metric: string;
  readonly value: number;
  /** Median of its row. */
  readonly middle: number;
  /** Flags, codes of warnings, further attempts. */
  readonly facts: readonly string[];
}

export function runApart({ run_id, metric, value, middle, facts }: RunApart): string {
  const known = facts.length === 0 ? "" : `; ${facts.join(", ")}`;
  return `Run ${run_id} is an outlier: ${metric} ${formatNumber(value)}, the median of its row is ` +
    `${formatNumber(middle)}${known}. It counts; --without RUN=REASON leaves it out.`;
}

export function moreApart(count: number): string {
  return `${plural(count, "further outlier")}.`;
}

export function attemptOf(attempt: number): string {
  return `attempt ${attempt}`;
}

export function serversShared(): string {
  return "Runs of one cycle share a server, so a cycle is what is counted.";
}

export function serverNotOurs(): string {
  return "The server was already running: what its start and placement gave it is in every run, and no repeat shows it.";
}

export function ownVariance(metrics: readonly string[]): string {
  return `${
    metrics.join(", ")
  }: the rows are too few or too uneven to share one variance; each pair has its own.`;
}

export function drifts(metric: string, tau: number, p: number, order: string): string {
  const advice = order === "interleaved"
    ? "each setting comes a slot after the one before it, so a part of a difference may be drift; " +
      "cycle_order: shuffled, reverse or latin_square avoids that"
    : order === "sequential"
    ? "all cycles of a setting come before the next setting, so a difference may be drift; " +
      "cycle_order: shuffled avoids that"
    : "pairs within a cycle take out most of it";
  return `${metric} drifts over the study (Kendall's tau ${tau.toFixed(2)}, p ${p.toPrecision(2)}). ` +
    `The order is ${order}: ${advice}.`;
}

/** `audit`: what it came to, as a sentence. */
export function audited(dir: string, audit: string): string {
  return `${dir}: ${audit}${audit.endsWith(".") ? "" : "."}`;
}

/** `blocks`: machines and boards on which both studies have runs; `left`: runs on others. */
export function onCommonBoards(blocks: number, left: number): string {
  const out = left === 0
    ? ""
    : ` ${plural(left, "run")} on boards that only one of them used ${left === 1 ? "is" : "are"} left out.`;
  return blocks === 1
    ? `Compared on the one board that both studies used.${out}`
    : `Compared board by board, on the ${blocks} boards that both studies used.${out}`;
}

/** The component of variance of a metric between machines or boards, as a standard deviation. */
export function placesDiffer(
  metric: string,
  { what, groups, between, within }: {
    readonly what: "machine" | "board";
    readonly groups: number;
    readonly between: number;
    readonly within: number | null;
  },
): string {
  const of = `${metric} differs by ${share(between)} between the ${groups} ${what}s (standard deviation`;
  return within === null
    ? `${of}; each had one cycle, so differences between cycles are included).`
    : `${of}; cycles on one ${what} by ${share(within)}).`;
}

function share(of: number): string {
  return `${Number((of * 100).toPrecision(2))} %`;
}

const MOST_NAMED = 12;

function some(values: readonly string[]): string {
  const more = values.length - MOST_NAMED;
  return `${values.slice(0, MOST_NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
