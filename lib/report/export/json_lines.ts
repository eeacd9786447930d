/** Tables as JSON Lines. */
import { encoded } from "./encoded.ts";
import type { Cell, Column, Row, Table } from "./table.ts";

/** An object for each row, with every column; what is not known is null. */
export async function* jsonLinesPieces({ columns, batches }: Table): AsyncGenerator<Uint8Array> {
  for await (const rows of batches) yield encoded(rows.map((row) => line(columns, row)).join(""));
}

function line(columns: readonly Column[], row: Row): string {
  const members = columns.map(({ name }, index) => `${JSON.stringify(name)}:${json(row[index] ?? null)}`);
  return `{${members.join(",")}}\n`;
}

function json(cell: Cell): string {
  return typeof cell === "bigint" ? String(cell) : JSON.stringify(cell);
}
