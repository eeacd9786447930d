/** The texts of a page (`llem report`). */
import { formatNumber, minuteText, plural } from "../../base/text.ts";
import type { ComparedRow, CompareVerdict } from "../../results/compare/study_comparison.ts";
import type { StudyTable, TableStanding } from "../../results/study_table.ts";

export const PAGE_KIND = "llem report";
export const CONTENTS = "Contents";
export const SKIP = "Skip to the results";
export const NOT_COMPARED = "Nothing can be compared.";
export const FOOTER =
  "Made by llem report. This page is complete: it loads nothing and works without a network and without script.";

/** What the page's script writes. */
export const LABELS = {
  filter: "Filter rows",
  shown: "rows shown",
  options: "options",
  copy: "Copy options",
  copyCommand: "Copy",
  copied: "Copied",
  notCopied: "Copying is not possible here",
  mark: "Highlight this setting everywhere",
  folder: "Folder",
  points: "points; arrow keys walk along them, Enter highlights the setting everywhere",
};

/** A state in a word and a sign, so that no colour is needed. */
export const STATES = {
  ok: { sign: "\u2713", word: "ok" },
  doubt: { sign: "!", word: "doubt" },
  unknown: { sign: "?", word: "unknown" },
} as const;

export const VERDICTS: Readonly<
  Record<CompareVerdict, { readonly sign: string; readonly word: string }>
> = {
  better: { sign: "\u2713", word: "better" },
  worse: { sign: "\u2717", word: "worse" },
  same: { sign: "=", word: "same within the margin" },
  small: { sign: "\u2248", word: "different, within the margin" },
  different: { sign: "\u2260", word: "different" },
  undecided: { sign: "?", word: "undecided" },
  not_comparable: { sign: "\u2013", word: "not comparable" },
};

export const SECTIONS = {
  comparisons: "All comparisons",
  withExcluded: "The same with the runs that were left out",
  experiments: "All experiments",
  failed: "Runs that did not complete",
  runs: "All runs",
  settings: "Settings",
  environment: "Environment",
};

/** By why the row was chosen. */
export const BEST_TITLES = {
  better: "Best setting against the baseline",
  worse: "What got worst",
  different: "What differs most from the baseline",
  nearest: "What differs most from the baseline",
};
export const NOTES = "Notes on the comparison";
export const BEST_HEAD = [
  "metric",
  "baseline",
  "this setting",
  "ratio [95 % interval]",
  "on a scale",
  "verdict",
];
export const NUMBERS_HEAD = ["metric", "value"];
/** The column that marks the best row. */
export const BEST_COLUMN = "best";
/** The metrics stand after the fourth. */
export const COMPARISON_HEAD = [
  "setting",
  "metric",
  "baseline",
  "this setting",
  "ratio [95 % interval]",
  "adjusted p",
  "runs",
  "verdict",
  "reasons",
];
export const RUN_HEAD = ["run", "setting", "cycle", "state", "seconds", "energy", "remarks"];
export const FAILED_HEAD = ["runs", "settings", "outcome", "message", "cause and remedy"];
export const SETTINGS_HEAD = ["setting", "value"];
export const ENVIRONMENT_HEAD = ["fact", "value"];

export function unnamedStudy(): string {
  return "unnamed study";
}

/** Below the name: when, how many cycles, in which order. */
export function studyLine({ id, started_at, status, order, experiments }: StudyTable): string {
  const when = started_at === null ? "not started" : `${minuteText(started_at)} UTC`;
  const parts = [
    id,
    when,
    status,
    plural(experiments.length, "experiment"),
    `${plural(order.n_cycles, "cycle")}, ${order.cycle_order}`,
  ];
  return parts.join(" \u00b7 ");
}

export function trustTitle(): string {
  return "Can it be trusted?";
}

/** In place of a verdict. */
export function nothingMeasured(): string {
  return "No run completed: there are no numbers.";
}

/** Which experiments keep the promise of their study; `kept`: their names, null where none does. */
export function promiseKept(
  { slo, kept, count, of, best }: {
    readonly slo: string;
    readonly kept: string | null;
    readonly count: number;
    readonly of: number;
    /** Of those that keep it. */
    readonly best: { readonly name: string; readonly goodput: string } | null;
  },
): string {
  if (kept === null) return `None of ${plural(of, "setting")} keeps the slo (${slo}).`;
  const most = best === null ? "" : `; most goodput of them: ${best.name}, ${best.goodput} req/s`;
  return `${count} of ${plural(of, "setting")} ${
    count === 1 ? "keeps" : "keep"
  } the slo (${slo}): ${kept}${most}.`;
}

/** Behind the best setting where it does not keep the promise of the study. */
export function missesPromise(caption: string): string {
  return `${caption}; it does not keep the slo`;
}

export function bestCaption(setting: string, baseline: string): string {
  return `${setting} against ${baseline}`;
}

export function moreNotes(count: number): string {
  return plural(count, "more note");
}

export function nextTitle(): string {
  return "What to do next";
}

export function numbersCaption(): string {
  return "The numbers";
}

/** `leftOut`: rows that are too many. */
export function tableOfChart(title: string, leftOut: number): string {
  return leftOut === 0 ? title : `${title}; ${plural(leftOut, "more row")} left out`;
}

export function dataAsTable(title: string): string {
  return `${title}: the data`;
}

/** `0.968 [0.962, 0.973]`. */
export function ratioText({ ratio, ci95 }: Pick<ComparedRow, "ratio" | "ci95">): string {
  if (ratio === null) return "-";
  const interval = ci95 === null ? "" : ` [${formatNumber(ci95[0])}, ${formatNumber(ci95[1])}]`;
  return `${formatNumber(ratio)}${interval}`;
}

export function failedExplained(count: number): string {
  return `${plural(count, "run")} failed; this tells why`;
}

export function missingMadeAgain(count: number): string {
  return `${plural(count, "completed run")} lost ${
    count === 1 ? "its result; this makes it" : "their results; this makes them"
  } again`;
}

export function runsLeft(count: number): string {
  return `${plural(count, "run")} ${count === 1 ? "is" : "are"} left; this makes them`;
}

export function seeDoctor(): string {
  return "No run has energy; this says what the machine could measure";
}

export function moreCyclesForIntervals(cycles: number): string {
  return `${plural(cycles, "cycle")} cannot show how much runs differ; five can`;
}

/** `more`: `4 more cycles would decide`. */
export function cyclesWouldDecide(more: string, metric: string, setting: string): string {
  return `${more} ${metric} of ${setting}`;
}

/** Between two studies something got worse; `names`: the first of what differs between them, of so many. */
export function findCause(names: readonly string[], count: number): string {
  if (count === 0) {
    return "Find the cause of what got worse: nothing that llem records differs between the studies";
  }
  const more = count > names.length ? ` and ${count - names.length} more` : "";
  return `Find the cause of what got worse: between the studies ${names.join(", ")}${more} ${
    count === 1 ? "differs" : "differ"
  }`;
}

/** `where`: `in 2 of 12 runs`. */
export function measureAlone(where: string): string {
  return `Other processes were at work ${where}: measure again when the machine is quiet`;
}

export function nothingToDo(): string {
  return "Nothing: every run completed and nothing is left undecided";
}

export function experimentsCaption(shown: number, total: number): string {
  return `One row per experiment, in the order of the study file${leftOut(shown, total)}`;
}

export function comparisonsCaption(shown: number, total: number, margins: string): string {
  return `Each setting against its baseline, by each metric; margin ${margins}${leftOut(shown, total)}`;
}

export function runsCaption(shown: number, total: number): string {
  return `${plural(total, "run")} in their order${leftOut(shown, total)}`;
}

/** `kinds`: groups of runs that failed alike, of which so many are `shown`. */
export function failedCaption(runs: number, kinds: number, shown: number): string {
  const alike = kinds < runs ? `, in ${plural(kinds, "way")}` : "";
  return `${plural(runs, "run")} that did not complete${alike}${leftOut(shown, kinds)}`;
}

/** As many of them as there is room for. */
export function someOf(all: readonly string[], most: number): string {
  const more = all.length - most;
  return all.slice(0, most).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function leftOut(shown: number, total: number): string {
  return shown === total ? "" : `; ${shown} of ${total} are shown here`;
}

export function settingsCaption(model: string): string {
  return `The configuration of the first experiment (${model}), defaults included`;
}

export function environmentCaption(): string {
  return "The machine and its software when the study began";
}

export function variesText(): string {
  return "varies";
}

export function outlierRemark(): string {
  return "outlier";
}

export function standingText(standing: TableStanding): string {
  return standing === "missing" ? "completed, result missing" : standing;
}
