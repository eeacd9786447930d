/** Tables as CSV. */
import { csvLine } from "../../base/csv.ts";
import { encoded } from "./encoded.ts";
import type { Table } from "./table.ts";

/** A header, then a line for each row. */
export async function* csvPieces({ columns, batches }: Table): AsyncGenerator<Uint8Array> {
  yield encoded(csvLine(columns.map(({ name }) => name)));
  for await (const rows of batches) yield encoded(rows.map(csvLine).join(""));
}
