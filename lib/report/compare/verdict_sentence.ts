import { smallest } from "../../base/numbers.ts";
import type { ComparedRow, CompareVerdict, StudyComparison } from "../../results/compare/study_comparison.ts";
import { farthest } from "./best_row.ts";
import * as messages from "./messages.ts";
import { baseName, rowName, studyName } from "./side_name.ts";

/** Beside the first metric this many others have a word in the sentence. */
const MOST_OTHERS = 2;

/** What a comparison comes to, in a sentence that a manager can read: some 300 letters at most. */
export function verdictSentence(comparison: StudyComparison): string {
  const [first] = comparison.rows;
  return `${capital(first === undefined ? emptyText(comparison) : foundText(comparison, first))}.`;
}

function emptyText({ design, studies, by, unmatched }: StudyComparison): string {
  const [base] = studies;
  if (base === undefined) return messages.nothingCompared();
  const empty = studies.find(({ completed }) => completed === 0);
  if (empty !== undefined) return messages.noneCompleted(studyName(studies, empty.dir), empty.total);
  if (by !== null) return messages.nothingElseEqual(by);
  if (design === "paired") return messages.oneRow(studyName(studies, base.dir));
  return unmatched.length > 0
    ? messages.rowsDoNotMatch(studyName(studies, base.dir))
    : messages.nothingCompared();
}

function foundText(comparison: StudyComparison, first: ComparedRow): string {
  const rows = comparison.rows.filter(({ metric }) => metric === first.metric);
  const empty = comparison.studies.find(({ completed }) => completed === 0);
  if (empty !== undefined && comparison.rows.every(isNotComparable)) {
    return messages.noneCompleted(studyName(comparison.studies, empty.dir), empty.total);
  }
  if (rows.length === 1) return rowText(comparison, first);
  return comparison.design === "paired"
    ? bestText(comparison, rows, first)
    : betweenText(comparison, rows, first);
}

function isNotComparable({ verdict }: ComparedRow): boolean {
  return verdict === "not_comparable";
}

/** Many settings against one: the best of them, or that there is none. */
function bestText(comparison: StudyComparison, rows: readonly ComparedRow[], first: ComparedRow): string {
  const best = farthest(rows.filter(({ verdict }) => verdict === "better" || verdict === "different"));
  if (best !== null) return rowText(comparison, best);
  if (rows.every(isNotComparable)) return rowText(comparison, first);
  const base = baseName(comparison, comparison.by === null ? first : null);
  return [
    messages.noneIsBetter(base, first.metric, counts(rows)),
    ...nearestDecision(comparison, rows),
    ...byOtherMetrics(comparison, first.metric),
  ].join("; ");
}

/** What decides the undecided row that needs least. */
function nearestDecision(comparison: StudyComparison, rows: readonly ComparedRow[]): string[] {
  const nearest = rows.filter(({ n_needed }) => n_needed !== null)
    .toSorted((a, b) => (a.n_needed ?? 0) - (b.n_needed ?? 0))[0];
  const more = nearest === undefined ? "" : moreText(comparison, nearest);
  if (nearest === undefined || more === "") return [];
  return [messages.wouldDecideRow(more, nameAmong(comparison, rows, nearest))];
}

/** The first words are about one metric; a gate also goes by the others. */
function byOtherMetrics({ rows }: StudyComparison, metric: string): string[] {
  const others = [...Map.groupBy(rows, (row) => row.metric)].filter(([name]) => name !== metric);
  return others.slice(0, MOST_OTHERS).map(([name, found]) => messages.byOtherMetric(name, counts(found)));
}

/** By its settings alone where all rows are of one study. */
function nameAmong(comparison: StudyComparison, rows: readonly ComparedRow[], row: ComparedRow): string {
  const isOneStudy = new Set(rows.map(({ study_dir }) => study_dir)).size === 1;
  return rowName(isOneStudy ? { ...comparison, design: "paired" } : comparison, row);
}

/** Many rows of one study against those of another: how many are worse, and the worst. */
function betweenText(comparison: StudyComparison, rows: readonly ComparedRow[], first: ComparedRow): string {
  const { studies, baseline } = comparison;
  const base = studyName(studies, baseline.study_dir);
  const isOne = new Set(rows.map(({ study_dir }) => study_dir)).size === 1;
  const other = isOne ? studyName(studies, first.study_dir) : "the others";
  const changed = (["worse", "better", "different"] as const)
    .map((verdict) => rows.filter((row) => row.verdict === verdict))
    .find((found) => found.length > 0);
  return [
    ...changed === undefined
      ? unchangedText(comparison, rows, { first, other, base })
      : changedText(comparison, rows, { changed, other, base }),
    ...byOtherMetrics(comparison, first.metric),
  ].join("; ");
}

function changedText(
  comparison: StudyComparison,
  rows: readonly ComparedRow[],
  { changed, other, base }: {
    readonly changed: readonly ComparedRow[];
    readonly other: string;
    readonly base: string;
  },
): string[] {
  const most = farthest(changed);
  if (most === null) return [];
  const { verdict, metric, ratio, ci } = most;
  const rest = counts(rows.filter((row) => row.verdict !== verdict));
  return [
    messages.rowsAre({ count: changed.length, total: rows.length, verdict, other, base, metric, rest }),
    messages.largestChange(nameAmong(comparison, rows, most), messages.shortChange(ratio ?? 1, ci)),
  ];
}

function unchangedText(
  comparison: StudyComparison,
  rows: readonly ComparedRow[],
  { first: { metric, margin, reasons }, other, base }: {
    readonly first: ComparedRow;
    readonly other: string;
    readonly base: string;
  },
): string[] {
  const [verdict, ...more] = new Set(rows.map((row) => row.verdict));
  if (more.length > 0) return [messages.noneIsWorse(rows.length, other, base, metric, counts(rows))];
  switch (verdict) {
    case "not_comparable":
      return [messages.notCompared(other, base, metric, reasons[0] ?? "")];
    case "undecided":
      return [
        messages.allRowsUndecided(rows.length, other, base, metric),
        ...nearestDecision(comparison, rows),
      ];
    case "same":
      return [messages.allRowsSame(rows.length, other, base, metric, messages.marginText(margin))];
    default:
      return [messages.noneIsWorse(rows.length, other, base, metric, counts(rows))];
  }
}

function rowText(comparison: StudyComparison, row: ComparedRow): string {
  const others = comparison.rows.filter((other) =>
    other.metric !== row.metric && other.config_hash === row.config_hash && other.study_dir === row.study_dir
  );
  const more = row.verdict === "undecided" ? moreText(comparison, row) : "";
  const first = more === "" ? mainClause(comparison, row) : `${mainClause(comparison, row)}: ${more}`;
  const answers = row.other_answers ? [messages.otherAnswers()] : [];
  const rest = others.slice(0, MOST_OTHERS).map((other) =>
    messages.otherMetric(other.metric, shortText(comparison, other))
  );
  return [[first, ...answers].join(", "), ...rest].join("; ");
}

function mainClause(comparison: StudyComparison, row: ComparedRow): string {
  const { verdict, ratio, ci, metric, margin } = row;
  const [name, base] = [rowName(comparison, row), baseName(comparison, row)];
  const limit = messages.marginText(margin);
  if (ratio === null) return messages.notCompared(name, base, metric, row.reasons[0] ?? "");
  const words = messages.changeOf(metric, ratio, ci);
  const change = words.change + words.interval;
  switch (verdict) {
    case "better":
    case "worse":
    case "different":
      return messages.changed(name, words, base);
    case "same": {
      const same = messages.sameAs(name, base, metric, limit);
      return row.significant ? `${same} (${messages.alsoWithin(change, limit)})` : same;
    }
    case "small":
      return messages.smallChange(messages.changed(name, words, base), limit);
    case "undecided":
      return messages.isUndecided(name, base, metric, ci === null ? "" : messages.rangeOfChange(ci));
    case "not_comparable":
      return messages.notCompared(name, base, metric, row.reasons[0] ?? "");
  }
}

function shortText(comparison: StudyComparison, row: ComparedRow): string {
  const { verdict, ratio, ci, margin } = row;
  if (ratio === null) return messages.shortNotComparable();
  switch (verdict) {
    case "same":
      return messages.shortSame(messages.marginText(margin));
    case "undecided":
      return messages.shortUndecided(moreText(comparison, row));
    case "not_comparable":
      return messages.shortNotComparable();
    default:
      return messages.shortChange(ratio, ci);
  }
}

/** `4 more cycles would decide`; empty where nobody can say. */
export function moreText({ design }: StudyComparison, { n, n_needed, needed_s }: ComparedRow): string {
  if (n_needed === null) return "";
  const further = n_needed - smallest(n);
  return messages.wouldDecide(further, design === "paired" ? "cycle" : "run", needed_s);
}

const ORDER: readonly CompareVerdict[] = [
  "better",
  "worse",
  "different",
  "same",
  "small",
  "undecided",
  "not_comparable",
];

function counts(rows: readonly ComparedRow[]): string {
  return messages.verdictCounts(ORDER.flatMap((verdict) => {
    const count = rows.filter((row) => row.verdict === verdict).length;
    return count === 0 ? [] : [[verdict, count] as const];
  }));
}

function capital(text: string): string {
  // A setting or a study keeps its spelling.
  return /^(whether|no|none|nothing|all|both) /.test(text)
    ? text.charAt(0).toUpperCase() + text.slice(1)
    : text;
}
