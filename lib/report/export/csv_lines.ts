/** Tables as CSV (RFC 4180). */
import { encoded } from "./encoded.ts";
import type { Cell, Row, Table } from "./table.ts";

/** A table as CSV: a header, then a line for each row; what is not known is an empty field, a list is JSON. */
export async function* csvPieces({ columns, batches }: Table): AsyncGenerator<Uint8Array> {
  yield encoded(csvLine(columns.map(({ name }) => name)));
  for await (const rows of batches) yield encoded(rows.map(csvLine).join(""));
}

/** One line, with its end. */
export function csvLine(row: Row): string {
  return row.map(csvField).join(",") + "\r\n";
}

/**
 * A text that a spreadsheet would take for a formula gets a quote before it: it may come from a model's name or a worker.
 * Numbers stay as they are.
 */
function csvField(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return Number.isFinite(cell) ? String(cell) : "";
  if (typeof cell !== "string") return quoted(typeof cell === "object" ? JSON.stringify(cell) : String(cell));
  return quoted(FORMULA.test(cell) ? `'${cell}` : cell);
}

const FORMULA = /^[=+\-@\t\r]/;

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
