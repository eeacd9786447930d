import { metricHeading } from "../../results/metric_declarations.ts";
import { smallest } from "../../base/numbers.ts";
import { shellWord } from "../../base/shell_word.ts";
import { printable } from "../../base/text.ts";
import { ownMetrics } from "../../results/headline.ts";
import { FEWEST_REPEATS } from "../../results/comparison.ts";
import type { ComparedRow, StudyComparison } from "../../results/compare/study_comparison.ts";
import type { Summary, SummaryRow } from "../../results/summary.ts";
import { verdictSentence } from "../compare/verdict_sentence.ts";
import { energyCell, spreadCell } from "../summary/cells.ts";
import { ASCII_SIGNS, type Signs } from "../summary/signs.ts";
import {
  compareIn,
  nothingCompleted,
  onlyExperiment,
  reportIn,
  runsFailed,
  tooFewCycles,
  undecidedLeft,
} from "./messages.ts";

/** A study that has ended, or was stopped. */
export interface EndedStudy {
  readonly dir: string;
  readonly summary: Summary;
  /** Null where nothing could be compared. */
  readonly comparison: StudyComparison | null;
}

/** What a person wants to know first. Without characters that a terminal obeys. */
export interface StudyVerdict {
  /** How many runs failed, and what explains them; null where none did. */
  readonly failures: string | null;
  /** Which setting is better by how much, or what the only one came to, and what is still open. */
  readonly sentences: readonly string[];
  /** The command that shows every comparison; null where there is none. */
  readonly compare: string | null;
  /** The command that makes the report; null where there is nothing to report. */
  readonly report: string | null;
}

export function studyVerdict(study: EndedStudy, signs: Signs = ASCII_SIGNS): StudyVerdict {
  const { rows } = study.summary;
  const of = (pick: (row: SummaryRow) => number): number => rows.reduce((sum, row) => sum + pick(row), 0);
  const completed = of((row) => row.completed);
  const [failed, left] = [of((row) => row.failed), of((row) => row.interrupted + row.pending)];
  const dir = printable(shellWord(study.dir));
  const sentences = completed === 0
    ? [nothingCompleted()]
    : rows.length === 1
    ? aloneLines(rows, signs)
    : comparedLines(study);
  return {
    failures: failed > 0 ? runsFailed(failed, completed + failed + left, dir) : null,
    sentences: sentences.map(printable),
    compare: completed > 0 && hasRatio(study) ? compareIn(dir) : null,
    report: completed > 0 ? reportIn(dir) : null,
  };
}

function hasRatio({ comparison }: EndedStudy): boolean {
  return comparison !== null && comparison.rows.some(({ ratio }) => ratio !== null);
}

function comparedLines(study: EndedStudy): string[] {
  const { summary, comparison } = study;
  if (comparison === null || !hasRatio(study)) {
    return summary.n_cycles < FEWEST_REPEATS ? [tooFewCycles(FEWEST_REPEATS)] : [];
  }
  const open = comparison.rows.filter(({ verdict }) => verdict === "undecided");
  return [
    verdictSentence(comparison),
    // The sentence itself says what decides a single one.
    ...open.length < 2 ? [] : [undecidedLeft(open.length, comparison.rows.length, fewestCycles(open))],
  ];
}

/** Further cycles of the comparison that needs the fewest. */
function fewestCycles(open: readonly ComparedRow[]): number | null {
  const more = open.flatMap(({ n_needed, n: [base, other] }) =>
    n_needed === null ? [] : [n_needed - Math.min(base, other)]
  ).filter((count) => count > 0);
  return more.length === 0 ? null : smallest(more);
}

/** What a language model's only experiment is told by; a worker of one's own by the first numbers that it gives. */
const TOLD = ["output_tokens_per_s", "goodput_per_s", "ttft_ms"] as const;
const MOST_OWN = 2;

function aloneLines([row]: readonly SummaryRow[], signs: Signs): string[] {
  if (row === undefined) return [];
  const known = TOLD.filter((metric) => (row.metrics[metric] ?? null) !== null);
  const own = ownMetrics(Object.keys(row.values ?? {})).filter((name) =>
    (row.metrics[name] ?? null) !== null
  );
  const metrics = known.length > 0 ? known : own.slice(0, MOST_OWN);
  const numbers = metrics.flatMap((metric) => {
    const value = row.metrics[metric] ?? null;
    return value === null ? [] : [`${spreadCell(value, signs).text} ${metricHeading(metric)}`];
  });
  const joules = row.energy?.j_per_output_token ?? null;
  const energy = joules === null || row.energy === null
    ? []
    : [`${energyCell(joules, signs).text} ${metricHeading("j_per_output_token")} (${row.energy.verdict})`];
  return [
    ...numbers.length + energy.length === 0 ? [] : [onlyExperiment([...numbers, ...energy], row.completed)],
    ...row.completed < FEWEST_REPEATS ? [tooFewCycles(FEWEST_REPEATS)] : [],
  ];
}
