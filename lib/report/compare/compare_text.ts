import type { StudyComparison } from "../../results/compare/study_comparison.ts";
import { printableLines } from "../../base/text.ts";
import { fittingColumns, textTable, wrapText } from "../table.ts";
import { compareColumns } from "./compare_rows.ts";
import { compareNotes } from "./compare_notes.ts";
import { columnsHidden, withExcluded } from "./messages.ts";
import { verdictSentence } from "./verdict_sentence.ts";

/**
 * A comparison as people read it: the sentence, then a row for each ratio, then what is to be known. Ends with a newline.
 * `width`: columns of the terminal; null where there is none, and nothing is left out or broken.
 */
export function compareText(comparison: StudyComparison, width: number | null = null): string {
  const { rows_with_excluded } = comparison;
  const block = (lines: readonly string[]): string =>
    lines.flatMap((line) => width === null ? [line] : wrapText(line, width)).map((line) => `${line}\n`).join(
      "",
    );
  const { table, hidden } = tableOf(comparison, width);
  const parts = [
    block([verdictSentence(comparison)]),
    table,
    ...rows_with_excluded === undefined
      ? []
      : [block([withExcluded()]) + tableOf({ ...comparison, rows: rows_with_excluded }, width).table],
    block([...compareNotes(comparison), ...hidden === 0 ? [] : [columnsHidden(hidden)]]),
  ];
  // What differs between studies is told in the words of their machines and workers.
  return printableLines(parts.filter((part) => part !== "").join("\n"));
}

function tableOf(
  comparison: StudyComparison,
  width: number | null,
): { readonly table: string; readonly hidden: number } {
  if (comparison.rows.length === 0) return { table: "", hidden: 0 };
  const all = compareColumns(comparison);
  const shown = width === null ? all : fittingColumns(all, width);
  const table = textTable(
    shown.map(({ head }) => head),
    comparison.rows.map((_, row) => shown.map(({ cells }) => cells[row] ?? "")),
  );
  return { table, hidden: all.length - shown.length };
}
