import type { CsvCell } from "../../base/csv.ts";
import type { TableName } from "./names.ts";

/** What a column of an exported table holds. A list is one of numbers. */
export type ColumnType = "text" | "integer" | "number" | "boolean" | "list";

/** A value as it stands in a table. Times in ns may be bigints. */
export type Cell = CsvCell;
export type Row = readonly Cell[];

/** A column by its name, with what docs/results.md says of it. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** As of {@link MetricDeclaration}; null where it has none. */
  readonly unit: string | null;
  readonly definition: string;
}

/** A table whose rows come in batches, so that it may be larger than memory. */
export interface Table {
  readonly name: TableName;
  readonly columns: readonly Column[];
  readonly batches: AsyncIterable<readonly Row[]>;
}

/** Rows that are taken together. */
const BATCH_ROWS = 2000;

/** The same rows in batches. */
export async function* inBatches(rows: Iterable<Row>): AsyncGenerator<readonly Row[]> {
  let batch: Row[] = [];
  for (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH_ROWS) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
  await Promise.resolve();
}
