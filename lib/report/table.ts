import stringWidth from "string-width";
import { largest } from "../base/numbers.ts";
import { printable } from "../base/text.ts";

/** Between two columns. */
const COLUMN_GAP = "  ";

/**
 * A plain table, first row the head, with no lines between rows: it reads well in a mail and in a log. Columns of numbers
 * align right. Cells are made printable, and their width is that of a terminal, where a letter may take two columns or
 * none. Ends with a newline. It takes as many rows as there are.
 */
export function textTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = head.map((title, column) => {
    const cells = rows.map((row) => printable(row[column] ?? ""));
    return aligned([printable(title), ...cells], cells.every(isNumeric) ? "right" : "left");
  });
  const lines = [head, ...rows].map((_, line) =>
    columns.map((cells) => cells[line] ?? "").join(COLUMN_GAP).trimEnd()
  );
  return `${lines.join("\n")}\n`;
}

/** A column that may be left out. */
export interface RankedColumn {
  readonly head: string;
  readonly cells: readonly string[];
  /** The higher, the earlier it goes where the terminal is too narrow; 0 never. */
  readonly rank: number;
}

/** As many of the columns as the width has room for, in their order. */
export function fittingColumns<Column extends RankedColumn>(
  columns: readonly Column[],
  width: number,
): Column[] {
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

function byRank(a: { readonly column: RankedColumn }, b: { readonly column: RankedColumn }): number {
  return b.column.rank - a.column.rank;
}

function isNumeric(text: string): boolean {
  return text === "" || text === "-" || /^[-+\d]/.test(text);
}

/** The cells of one column, all as wide as the widest. */
function aligned(cells: readonly string[], side: "left" | "right"): string[] {
  const widths = cells.map(widthOf);
  const widest = largest(widths, 0);
  return cells.map((cell, index) => {
    const blanks = " ".repeat(widest - (widths[index] ?? 0));
    return side === "right" ? blanks + cell : cell + blanks;
  });
}

/** Columns that a text takes in a terminal. */
function widthOf(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text);
}

/**
 * A text on lines that the width has room for, broken between words and indented from the second on. A word is never
 * broken.
 */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && widthOf(longer) > width) {
      lines.push(line);
      line = `${NEXT_LINE}${word}`;
    } else line = longer;
  }
  return [...lines, line];
}

const NEXT_LINE = "  ";
