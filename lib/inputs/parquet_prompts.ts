import type { AsyncBuffer, Compressors, FileMetaData, SchemaTree } from "hyparquet";
import { Problem } from "../base/problem.ts";
import {
  badPrompts,
  COLUMN_TYPE,
  columnIsNotText,
  endsEarly,
  fieldIsNotText,
  noColumn,
  noKnownColumn,
  parquetUnreadable,
} from "./messages.ts";
import { openCached } from "./open_cached.ts";
import { type LocatedText, PROMPT_FIELDS, type RowChoice } from "./located_text.ts";

/** A column of texts, and the one that names their sources. */
interface Columns {
  readonly text: string;
  readonly source: string | null;
}

/** Byte for byte: a text that is not UTF-8 must not turn into another one in silence. */
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The prompts of a Parquet file, a group of rows at a time and only the columns that are needed. Throws Problem with
 * file, row and remedy.
 */
export async function* readParquet(
  path: string,
  choice: RowChoice,
  signal: AbortSignal,
): AsyncGenerator<LocatedText> {
  // Only where there is a Parquet file to read: most starts of the program have none.
  const { parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import("hyparquet");
  using opened = await openCached(path);
  const { size } = await opened.stat();
  const file = bufferOf(opened, size);
  const metadata = await legible(path, () => parquetMetadataAsync(file));
  const columns = chooseColumns(parquetSchema(metadata).children, path, choice);
  const compressors = await decompressors();
  const parsers = { stringFromBytes: (bytes: Uint8Array | null) => bytes && UTF8.decode(bytes) };
  const names = [columns.text, ...columns.source === null ? [] : [columns.source]];
  for (const { start, end } of groupsOf(metadata)) {
    signal.throwIfAborted();
    const options = { file, metadata, columns: names, rowStart: start, rowEnd: end, compressors, parsers };
    const rows: readonly Readonly<Record<string, unknown>>[] = await legible(
      path,
      () => parquetReadObjects(options),
    );
    for (const [index, row] of rows.entries()) {
      yield promptOf(row, columns, `${path} row ${start + index + 1}`, choice);
    }
  }
}

function promptOf(
  row: Readonly<Record<string, unknown>>,
  { text, source }: Columns,
  location: string,
  { remedy }: RowChoice,
): LocatedText {
  const value = row[text];
  if (typeof value !== "string") throw new Problem(badPrompts(location, fieldIsNotText(text), remedy));
  return { text: value, location, source: source === null ? "" : String(row[source] ?? "") };
}

function chooseColumns(schema: readonly SchemaTree[], path: string, { column, remedy }: RowChoice): Columns {
  const names = schema.map(({ element }) => element.name);
  const text = column ?? PROMPT_FIELDS.find((name) => names.includes(name));
  const bad = (fault: string): Problem => new Problem(badPrompts(path, fault, remedy));
  if (text === undefined) throw bad(noKnownColumn(PROMPT_FIELDS, names));
  const chosen = schema.find(({ element }) => element.name === text);
  if (chosen === undefined) throw bad(noColumn(text, names));
  if (!isText(chosen)) throw bad(columnIsNotText(text, kindOf(chosen)));
  const source = schema.find(({ element }) => element.name === "source");
  return { text, source: source?.children.length === 0 ? "source" : null };
}

function isText({ element, children }: SchemaTree): boolean {
  const { type, converted_type, logical_type, repetition_type } = element;
  if (children.length > 0 || repetition_type === "REPEATED" || type !== "BYTE_ARRAY") return false;
  return converted_type === "UTF8" || logical_type?.type === "STRING";
}

function kindOf({ element, children }: SchemaTree): string {
  const { type, converted_type, logical_type, repetition_type } = element;
  if (converted_type === "LIST" || logical_type?.type === "LIST" || repetition_type === "REPEATED") {
    return COLUMN_TYPE.lists;
  }
  if (children.length > 0) return COLUMN_TYPE.structures;
  return logical_type?.type ?? converted_type ?? String(type);
}

function groupsOf({ row_groups }: FileMetaData): { start: number; end: number }[] {
  let end = 0;
  return row_groups.map(({ num_rows }) => {
    const start = end;
    end += Number(num_rows);
    return { start, end };
  });
}

function bufferOf(file: Deno.FsFile, byteLength: number): AsyncBuffer {
  return {
    byteLength,
    async slice(start, end = byteLength) {
      const bytes = new Uint8Array(end - start);
      await file.seek(start, Deno.SeekMode.Start);
      let filled = 0;
      while (filled < bytes.length) {
        const size = await file.read(bytes.subarray(filled));
        if (size === null) throw new Error(endsEarly());
        filled += size;
      }
      return bytes.buffer;
    },
  };
}

/** Snappy is hyparquet's own; these are the other ones in use. */
async function decompressors(): Promise<Compressors> {
  const { brotliDecompressSync, gunzipSync, zstdDecompressSync } = await import("node:zlib");
  return {
    GZIP: (bytes) => gunzipSync(bytes),
    BROTLI: (bytes) => brotliDecompressSync(bytes),
    ZSTD: (bytes) => zstdDecompressSync(bytes),
  };
}

async function legible<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const message = parquetUnreadable(path, await Deno.realPath(path), (error as Error).message);
    throw new Problem(message, { cause: error });
  }
}
