/** CSV as RFC 4180 has it. */

/** A value of a table; null is what is not known. A list becomes JSON. */
export type CsvCell = string | number | bigint | boolean | null | readonly number[];

/**
 * One line, with its end; what is not known is an empty field. A text that a spreadsheet would take for a formula gets an
 * apostrophe before it: it may come from a model's name or a worker. Numbers stay as they are, with all digits.
 */
export function csvLine(row: readonly CsvCell[]): string {
  return row.map(csvField).join(",") + CSV_LINE_END;
}

export const CSV_LINE_END = "\r\n";

function csvField(cell: CsvCell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return Number.isFinite(cell) ? String(cell) : "";
  if (typeof cell !== "string") {
    return quotedField(typeof cell === "object" ? JSON.stringify(cell) : String(cell));
  }
  return quotedField(FORMULA.test(cell) ? `'${cell}` : cell);
}

const FORMULA = /^[=+\-@\t\r]/;

/** A text as a field, in quotes where it needs them, and else as it is. */
export function quotedField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
