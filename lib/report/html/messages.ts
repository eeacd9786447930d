/** The texts of a page (`llem report`). */
import { formatNumber, plural } from "../../base/text.ts";
import type { ComparedRow, CompareVerdict } from "../../results/compare/study_comparison.ts";
import type { EnergyVerdict } from "../../results/energy/record.ts";
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
  Record<CompareVerdict | "different", { readonly sign: string; readonly word: string }>
> = {
  better: { sign: "\u2713", word: "better" },
  worse: { sign: "\u2717", word: "worse" },
  same: { sign: "=", word: "same within the margin" },
  small: { sign: "\u2248", word: "different, within the margin" },
  different: { sign: "\u2260", word: "different" },
  undecided: { sign: "?", word: "undecided" },
  not_comparable: { sign: "\u2013", word: "not comparable" },
};

export const TRUST_ITEMS = {
  runs: "Runs",
  energy: "Energy",
  throttling: "Throttling",
  others: "Other processes",
  drift: "Drift",
  board: "Board",
  driver: "Driver",
  engine: "Engine",
  same: "Circumstances",
  inputs: "Equal inputs",
  outputs: "Equal outputs",
};

export const SECTIONS = {
  comparisons: "All comparisons",
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

/** How numbers were made; the pages of the documentation are named, not linked: a page has no network. */
export const DEFINITIONS = [
  {
    term: "Run and cycle",
    text:
      "A run is one fresh process that loads the model and is measured once. Each cycle runs every setting once. " +
      "Statistics are over runs, never over requests. (docs/reading.md)",
  },
  {
    term: "Interval",
    text: "95 % confidence interval of the mean over the runs (Student's t on logarithms).",
  },
  {
    term: "Ratio",
    text:
      "This setting over the baseline: geometric means, paired by cycle within a study, Welch's t test on logarithms " +
      "between studies. (docs/reading.md, Is it different?)",
  },
  {
    term: "Verdict",
    text:
      "Better or worse: significant at 5 % after Holm's adjustment and beyond the margin (2 %, tails 5 %). Same: the 90 % " +
      "interval lies within the margin. Undecided: neither, and more cycles may tell.",
  },
  {
    term: "J/token",
    text:
      "Joules of the whole boards over the measured window, idle draw included, per generated token. Resolved: no known " +
      "reason to doubt it. Marginal: a number with a doubt. Unattributable: no number is given. (docs/energy.md)",
  },
  {
    term: "TTFT, TPOT, ITL, E2E",
    text:
      "Time to first token, time per output token after the first, time between tokens, time of a whole request. p50 and " +
      "p99 are percentiles over the requests of a run (linear interpolation). (docs/output.md)",
  },
  {
    term: "Outlier",
    text:
      "A run whose number lies apart from those of the other cycles (Grubbs' test on logarithms, 5 %). It is marked and " +
      "counts all the same.",
  },
] as const;

export function unnamedStudy(): string {
  return "unnamed study";
}

/** Below the name: when, how many cycles, in which order. */
export function studyLine({ id, started_at, status, order, experiments }: StudyTable): string {
  const when = started_at === null ? "not started" : `${started_at.slice(0, 16).replace("T", " ")} UTC`;
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

export function definitionsTitle(): string {
  return "How the numbers were made";
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

export function runsCounted(
  { total, completed, failed, missing, left, retried }: {
    readonly total: number;
    readonly completed: number;
    readonly failed: number;
    readonly missing: number;
    readonly left: number;
    readonly retried: number;
  },
): string {
  const parts = [
    ...failed > 0 ? [`${failed} failed`] : [],
    ...missing > 0 ? [`${missing} without ${missing === 1 ? "its result" : "their results"}`] : [],
    ...left > 0 ? [`${left} not made yet`] : [],
    ...retried > 0 ? [`${retried} after a retry`] : [],
  ];
  return [`${completed} of ${plural(total, "run")} completed`, ...parts].join(", ");
}

/** `without`: completed runs that have no energy. */
export function energyCounts(counts: Readonly<Record<EnergyVerdict, number>>, without: number): string {
  const parts = Object.entries(counts).flatMap(([verdict, count]) =>
    count === 0 ? [] : [`${count} ${verdict}`]
  );
  return [...parts, ...without > 0 ? [`${without} without energy`] : []].join(", ");
}

export function noEnergy(reason: string | null): string {
  return reason === null ? "not metered" : `not metered: ${reason}`;
}

export function hashesUntold(): string {
  return "not told by the runs";
}

export function throttlingUnseen(): string {
  return "not watched without a meter";
}

export function noRunCompleted(): string {
  return "no run completed";
}

export function noneOf(runs: number): string {
  return `in none of ${plural(runs, "run")}`;
}

export function runsDisturbed(count: number, runs: number): string {
  return `in ${count} of ${plural(runs, "run")}`;
}

export function driftSeen(count: number, runs: number): string {
  return `power or temperature drifted in ${count} of ${plural(runs, "run")}`;
}

export function cyclesInOrder(orders: readonly string[], isSpread: boolean): string {
  const order = orders.join(", ");
  return isSpread
    ? `no sign; cycles ${order}`
    : `cycles ${order}: a drift could not be told from a difference`;
}

/** Kendall's tau of the results against the order of the runs. */
export function resultsDrift(metric: string, tau: number, p: number): string {
  return `${metric} drifts along the runs (Kendall's tau ${tau.toFixed(2)}, p ${
    formatNumber(Number(p.toPrecision(2)))
  })`;
}

/** `names`: of what differs, and nobody set it. */
export function undeclared(names: readonly string[], more: number): string {
  if (names.length === 0) return "nothing differs that nobody set";
  const isOne = names.length + more === 1;
  return `${names.join(", ")}${more > 0 ? ` and ${more} more` : ""} ${
    isOne ? "differs" : "differ"
  }, and nobody set that`;
}

export function notKnownApart(): string {
  return "nothing is compared";
}

export function noneKnown(): string {
  return "not recorded";
}

/** What all runs share, or each of the few that differ. */
export function allTheSame(names: readonly string[], more: number): string {
  if (names.length === 0) return "the same in all runs";
  return names.join("; ") + (more > 0 ? ` and ${more} more` : "");
}

export function notTheSame(): string {
  return "not the same in all runs";
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

export function standingText(standing: TableStanding): string {
  return standing === "missing" ? "completed, result missing" : standing;
}
