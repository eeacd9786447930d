import { largest } from "../../base/numbers.ts";
import type { Summary } from "../../results/summary.ts";
import { ASCII_SIGNS, type Signs } from "./signs.ts";
import { type Column, summaryColumns } from "./columns.ts";
import { summaryHead } from "./head.ts";
import { summaryNotes } from "./notes.ts";
import { COLUMN_GAP, textTable, widthOf } from "../table.ts";

/** Where the table goes. */
export interface TableSpace {
  /** Columns of the terminal; null where there is none, and nothing is left out. */
  readonly width?: number | null;
  readonly signs?: Signs;
}

/**
 * The results as people read them: what ran on what, one row per experiment in the order of the study file, and what the
 * numbers mean. Where the terminal is narrow, the columns that matter less are left out.
 */
export function summaryTable(
  summary: Summary,
  { width = null, signs = ASCII_SIGNS }: TableSpace = {},
): string {
  const all = summaryColumns(summary, signs);
  const shown = width === null ? all : fitting(all, width);
  const head = summaryHead(summary, width);
  const notes = summaryNotes(summary, shown, all.length - shown.length, signs);
  const table = textTable(
    shown.map((column) => column.head),
    summary.rows.map((_, row) => shown.map(({ cells }) => cells[row] ?? "")),
  );
  const block = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");
  return [block(head), table, block(notes)].filter((part) => part !== "").join("\n");
}

/** As many of the columns as the width has room for, in their order. */
function fitting(columns: readonly Column[], width: number): Column[] {
  const sized = columns.map((column) => ({
    column,
    width: largest([column.head, ...column.cells].map(widthOf), 0) + COLUMN_GAP.length,
  }));
  const shown = new Set(sized);
  let room = width + COLUMN_GAP.length - sized.reduce((sum, each) => sum + each.width, 0);
  for (const each of sized.filter(({ column }) => column.rank > 0).sort(byRank)) {
    if (room >= 0) break;
    shown.delete(each);
    room += each.width;
  }
  return sized.filter((each) => shown.has(each)).map(({ column }) => column);
}

function byRank(a: { readonly column: Column }, b: { readonly column: Column }): number {
  return b.column.rank - a.column.rank;
}
