/** Tables as Parquet: typed, in groups of rows, so that memory does not grow with the table. */
import type { ParquetWriter } from "hyparquet-writer";
import { LLEM_VERSION } from "../../base/version.ts";
import type { Cell, Column, ColumnType, Row, Table } from "./table.ts";

const ROWS_PER_GROUP = 50_000;
/** Lists count by their elements: the gaps between the tokens of a long answer are thousands. */
const VALUES_PER_GROUP = 500_000;

/** The bytes of a Parquet file; units and definitions of its columns stand in its metadata, under `llem_columns`. */
export async function* parquetPieces({ columns, batches }: Table): AsyncGenerator<Uint8Array> {
  const { ByteWriter, ParquetWriter } = await import("hyparquet-writer");
  const pieces: Uint8Array[] = [];
  /** Hands over the bytes of each group once it is encoded. */
  class Pieces extends ByteWriter {
    flush(): void {
      pieces.push(this.getBytes().slice());
      this.index = 0;
    }
    override finish(): void {
      this.flush();
    }
  }
  const writer = new ParquetWriter({
    writer: new Pieces(),
    schema: schemaOf(columns),
    kvMetadata: [{ key: "llem_columns", value: JSON.stringify(columns) }],
    createdBy: `llem version ${LLEM_VERSION}`,
  });
  let waiting: Row[] = [];
  let values = 0;
  for await (const rows of batches) {
    for (const row of rows) {
      waiting.push(row);
      values += valuesIn(row);
      if (waiting.length < ROWS_PER_GROUP && values < VALUES_PER_GROUP) continue;
      writeGroup(writer, columns, waiting);
      [waiting, values] = [[], 0];
      yield* pieces.splice(0);
    }
  }
  if (waiting.length > 0) writeGroup(writer, columns, waiting);
  await writer.finish();
  yield* pieces;
}

function writeGroup(writer: ParquetWriter, columns: readonly Column[], rows: readonly Row[]): void {
  const columnData = columns.map(({ name, type }, index) => ({
    name,
    data: rows.map((row) => CONVERT[type](row[index] ?? null)),
  }));
  // With a writer of this memory it is synchronous.
  void writer.write({ columnData, rowGroupSize: rows.length });
}

function valuesIn(row: Row): number {
  let values = row.length;
  for (const cell of row) if (typeof cell === "object" && cell !== null) values += cell.length;
  return values;
}

/** What cannot be of the type is not known, rather than something else. */
const CONVERT: Readonly<Record<ColumnType, (cell: Cell) => unknown>> = {
  text: (cell) => cell === null ? null : typeof cell === "object" ? JSON.stringify(cell) : String(cell),
  integer: (cell) =>
    typeof cell === "bigint"
      ? cell
      : typeof cell === "number" && Number.isFinite(cell)
      ? toInteger(cell)
      : null,
  number: (cell) => typeof cell === "number" || typeof cell === "bigint" ? Number(cell) : null,
  boolean: (cell) => typeof cell === "boolean" ? cell : null,
  list: (cell) => typeof cell === "object" ? cell : null,
};

function toInteger(value: number): bigint {
  return BigInt(Math.round(value));
}

type Schema = ConstructorParameters<typeof ParquetWriter>[0]["schema"];

function schemaOf(columns: readonly Column[]): Schema {
  return [{ name: "root", num_children: columns.length }, ...columns.flatMap(elementsOf)];
}

function elementsOf({ name, type }: Column): Schema {
  const repetition_type = "OPTIONAL";
  switch (type) {
    case "text":
      return [{ name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type }];
    case "integer":
      return [{ name, type: "INT64", repetition_type }];
    case "number":
      return [{ name, type: "DOUBLE", repetition_type }];
    case "boolean":
      return [{ name, type: "BOOLEAN", repetition_type }];
    case "list":
      return [
        { name, repetition_type, num_children: 1, converted_type: "LIST" },
        { name: "list", repetition_type: "REPEATED", num_children: 1 },
        { name: "element", type: "DOUBLE", repetition_type },
      ];
  }
}
