/** Parquet files for tests. */
import { parquetWriteBuffer } from "hyparquet-writer";

/** Columns of texts; `null` is a missing one. Row groups of two rows, so that a file has several. */
export function parquetOf(
  columns: Readonly<Record<string, readonly (string | null)[]>>,
): Uint8Array<ArrayBuffer> {
  const columnData = Object.entries(columns).map(([name, data]) => ({
    name,
    data: [...data],
    type: "STRING" as const,
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 2 }));
}

/** A column `messages` with lists of texts, as datasets of chats have it. */
export function parquetOfChats(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(parquetWriteBuffer({
    columnData: [{ name: "messages", data: [["hello", "world"], ["you"]] }, { name: "score", data: [1, 2] }],
    schema: [
      { name: "root", num_children: 2 },
      { name: "messages", repetition_type: "OPTIONAL", num_children: 1, converted_type: "LIST" },
      { name: "list", repetition_type: "REPEATED", num_children: 1 },
      { name: "element", type: "BYTE_ARRAY", repetition_type: "OPTIONAL", converted_type: "UTF8" },
      { name: "score", type: "INT32", repetition_type: "OPTIONAL" },
    ],
  }));
}
