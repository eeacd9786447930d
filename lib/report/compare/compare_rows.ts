import { formatNumber } from "../../base/text.ts";
import type { ComparedRow, StudyComparison } from "../../results/compare/study_comparison.ts";
import { variedText } from "../run_name.ts";
import { COLUMNS, marginText } from "./messages.ts";
import { baseName, rowName, studyName } from "./side_name.ts";
import { moreText } from "./verdict_sentence.ts";

/** The cells of a comparison's table, the head first: the same for text and Markdown. */
export interface CompareCells {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export function compareCells(
  comparison: StudyComparison,
  rows: readonly ComparedRow[] = comparison.rows,
): CompareCells {
  const isBetween = comparison.design === "unpaired";
  const hasBases = comparison.by !== null;
  const hasNotes = rows.some((row) => moreText(comparison, row) !== "");
  const columns: (readonly [title: string, cell: (row: ComparedRow) => string])[] = [
    [COLUMNS.setting, (row) => isBetween ? variedText(row.varied) || "-" : rowName(comparison, row)],
    ...hasBases ? [[COLUMNS.against, (row: ComparedRow) => baseName(comparison, row)] as const] : [],
    ...isBetween && comparison.studies.length > 2
      ? [[COLUMNS.study, (row: ComparedRow) => studyName(comparison.studies, row.study_dir)] as const]
      : [],
    [COLUMNS.metric, ({ metric }) => metric],
    [COLUMNS.n, ({ n: [base, other] }) => base === other ? String(base) : `${base}/${other}`],
    [COLUMNS.base, ({ base, lower_bound }) => meanCell(base, lower_bound)],
    [COLUMNS.value, ({ value, lower_bound }) => meanCell(value, lower_bound)],
    [COLUMNS.ratio, ratioCell],
    [COLUMNS.p, ({ p_adjusted }) => p_adjusted === null ? "-" : pText(p_adjusted)],
    [COLUMNS.margin, ({ margin }) => marginText(margin)],
    [COLUMNS.verdict, verdictCell],
    ...hasNotes ? [[COLUMNS.note, (row: ComparedRow) => moreText(comparison, row)] as const] : [],
  ];
  return {
    head: columns.map(([title]) => title),
    rows: rows.map((row) => columns.map(([, cell]) => cell(row))),
  };
}

/** A percentile of too few requests is at least this. */
function meanCell(value: number | null, isBound: boolean): string {
  return value === null ? "-" : `${isBound ? ">= " : ""}${formatNumber(value)}`;
}

function ratioCell({ ratio, ci, difference }: ComparedRow): string {
  if (ratio !== null) {
    return `${ratioText(ratio)}${ci === null ? "" : ` [${ratioText(ci[0])}, ${ratioText(ci[1])}]`}`;
  }
  if (difference === null) return "-";
  const [low, high] = difference.ci;
  const sign = difference.value > 0 ? "+" : "";
  return `${sign}${formatNumber(difference.value)} [${formatNumber(low)}, ${formatNumber(high)}]`;
}

/** A ratio near 1 needs its decimals, one far from it does not. */
function ratioText(ratio: number): string {
  return ratio < 0.1 || ratio >= 10 ? formatNumber(Number(ratio.toPrecision(3))) : ratio.toFixed(3);
}

function pText(p: number): string {
  return p < 0.001 ? "<0.001" : p.toFixed(3);
}

/** Significant, and yet the same within the margin: both are worth a word. */
function verdictCell({ verdict, significant, other_answers }: ComparedRow): string {
  const words = [
    verdict.replace("_", " "),
    ...verdict === "same" && significant ? ["significant"] : [],
    ...other_answers ? ["other answers"] : [],
  ];
  return words.join(", ");
}
