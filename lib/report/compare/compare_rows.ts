import { formatNumber } from "../../base/text.ts";
import type { ComparedRow, StudyComparison } from "../../results/compare/study_comparison.ts";
import type { RankedColumn } from "../table.ts";
import { variedText } from "../run_name.ts";
import { COLUMNS, marginText } from "./messages.ts";
import { baseName, rowName, studyName } from "./side_name.ts";
import { moreText } from "./verdict_sentence.ts";

/** The columns of a comparison's table: the same for text and Markdown. */
export function compareColumns(comparison: StudyComparison): RankedColumn[] {
  const { rows } = comparison;
  const isBetween = comparison.design === "unpaired";
  const hasBases = comparison.by !== null;
  const hasNotes = rows.some((row) => moreText(comparison, row) !== "");
  const columns: (readonly [title: string, cell: (row: ComparedRow) => string, rank?: number])[] = [
    [COLUMNS.setting, (row) => isBetween ? variedText(row.varied) || "-" : rowName(comparison, row)],
    ...hasBases ? [[COLUMNS.against, (row: ComparedRow) => baseName(comparison, row)] as const] : [],
    ...isBetween && comparison.studies.length > 2
      ? [[COLUMNS.study, (row: ComparedRow) => studyName(comparison.studies, row.study_dir)] as const]
      : [],
    [COLUMNS.metric, ({ metric }) => metric],
    [COLUMNS.n, ({ n: [base, other] }) => base === other ? String(base) : `${base}/${other}`, 1],
    [COLUMNS.base, ({ base, lower_bound }) => meanCell(base, lower_bound), 2],
    [COLUMNS.value, ({ value, lower_bound }) => meanCell(value, lower_bound), 2],
    [COLUMNS.ratio, ratioCell],
    [COLUMNS.p, ({ p_adjusted }) => p_adjusted === null ? "-" : pText(p_adjusted), 3],
    [COLUMNS.margin, ({ margin }) => marginText(margin), 4],
    [COLUMNS.verdict, verdictCell],
    ...hasNotes ? [[COLUMNS.note, (row: ComparedRow) => moreText(comparison, row), 1] as const] : [],
  ];
  return columns.map(([head, cell, rank = 0]) => ({ head, cells: rows.map(cell), rank }));
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
