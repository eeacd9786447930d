import { shellWord } from "../../base/shell_word.ts";
import { printable } from "../../base/text.ts";
import type { Summary } from "../../results/summary.ts";
import { failuresExplained } from "../messages.ts";
import { foundLine } from "../search/search_line.ts";
import { untilLine } from "../until/look_line.ts";
import { ASCII_SIGNS, type Signs } from "./signs.ts";
import { summaryColumns } from "./columns.ts";
import { summaryHead } from "./head.ts";
import { summaryNotes } from "./notes.ts";
import { fittingColumns, textTable, wrapText } from "../table.ts";

/** Where the table goes. */
export interface TableSpace {
  /** Columns of the terminal; null where there is none, and nothing is left out. */
  readonly width?: number | null;
  readonly signs?: Signs;
  /** Where runs failed, the command that explains them by this study directory is named; left out, no command is. */
  readonly study_dir?: string;
}

/**
 * The results as people read them: what ran on what, one row per experiment in the order of the study file, and what the
 * numbers mean. Where the terminal is narrow, the columns that matter less are left out.
 */
export function summaryTable(
  summary: Summary,
  { width = null, signs = ASCII_SIGNS, study_dir }: TableSpace = {},
): string {
  const all = summaryColumns(summary, signs);
  const shown = width === null ? all : fittingColumns(all, width);
  const head = summaryHead(summary, width);
  const notes = summaryNotes(summary, shown, all.length - shown.length, signs);
  const table = textTable(
    shown.map((column) => column.head),
    summary.rows.map((_, row) => shown.map(({ cells }) => cells[row] ?? "")),
  );
  const fitted = (line: string): string[] => width === null ? [line] : wrapText(line, width);
  const searched =
    summary.search?.found.slice(0, MOST_SEARCHES).map((found) =>
      foundLine(summary.search?.over ?? "", found)
    ) ?? [];
  // A command stays on one line, to be copied.
  const below = [
    ...searched.flatMap(fitted),
    ...untilLine(summary).flatMap(fitted),
    ...notes.flatMap(fitted),
    ...commands(summary, study_dir),
  ];
  const block = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");
  return [block(head.flatMap(fitted)), table, block(below)].filter((part) => part !== "").join("\n");
}

/** More than these are in summary.json. */
const MOST_SEARCHES = 50;

function commands({ rows }: Summary, study_dir: string | undefined): string[] {
  const hasFailures = rows.some(({ failed }) => failed > 0);
  return hasFailures && study_dir !== undefined ? [failuresExplained(printable(shellWord(study_dir)))] : [];
}
