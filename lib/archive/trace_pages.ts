import type { FileMetaData, RowGroup } from "hyparquet";

type Bytes = (start: number, end: number) => ArrayBuffer;
type Column = RowGroup["columns"][number];

/**
 * Looks at the pages of a power.parquet, whose bytes `slice` gives, before anything is decoded. The decoder believes every
 * count that it meets: with a damaged one it runs for hours, fills memory, or leaves a rejection that nobody hears. Throws
 * Error where a count cannot be, or the columns are not those of the schema.
 */
export async function checkTracePages({ schema, row_groups }: FileMetaData, slice: Bytes): Promise<void> {
  const { parquetHeader } = await import("hyparquet/src/column.js");
  const names = schema.slice(1).map(({ name }) => name);
  if (new Set(names).size < names.length) throw damaged("two columns of one name");
  for (const { columns, num_rows } of row_groups) {
    const found = columns.map(({ meta_data }) => meta_data?.path_in_schema.join("."));
    if (found.join("\n") !== names.join("\n")) throw damaged("not the columns of the schema");
    for (const column of columns) checkColumn(column, Number(num_rows), slice, parquetHeader);
  }
}

function checkColumn(
  { meta_data }: Column,
  rows: number,
  slice: Bytes,
  parquetHeader: typeof import("hyparquet/src/column.js").parquetHeader,
): void {
  if (meta_data === undefined) throw damaged("a column without metadata");
  const { data_page_offset, dictionary_page_offset, total_compressed_size } = meta_data;
  const start = Number(dictionary_page_offset || data_page_offset);
  const view = new DataView(slice(start, start + Number(total_compressed_size)));
  const reader = { view, offset: 0 };
  let left = rows;
  while (reader.offset < view.byteLength) {
    const { compressed_page_size, uncompressed_page_size, data_page_header_v2, dictionary_page_header } =
      parquetHeader(reader);
    const end = reader.offset + compressed_page_size;
    if (!(compressed_page_size >= 0) || end > view.byteLength) throw damaged("a page beyond its column");
    if (!(uncompressed_page_size >= 0) || uncompressed_page_size > MOST_GROWTH * (compressed_page_size + 1)) {
      throw damaged("a page that cannot be so long");
    }
    if (data_page_header_v2 !== undefined) {
      const { num_values, num_rows, definition_levels_byte_length } = data_page_header_v2;
      if (num_rows !== num_values || !(num_values >= 0) || num_values > left) {
        throw damaged("more values than rows");
      }
      left -= num_values;
      const levels = new DataView(view.buffer, reader.offset, definition_levels_byte_length);
      if (levels.byteLength > 0) checkLevels(levels, num_values);
    } else if (dictionary_page_header === undefined || dictionary_page_header.num_values > rows) {
      throw damaged("a page of another kind");
    }
    reader.offset = end;
  }
  if (left !== 0) throw damaged("fewer values than rows");
}

/** Snappy makes of three bytes 64 at most. */
const MOST_GROWTH = 32;

/** Runs of levels (RLE and bit-packed hybrid, one bit each): together as many as there are values, and up to seven more. */
function checkLevels(view: DataView, values: number): void {
  let seen = 0;
  for (let at = 0; seen < values;) {
    let header = 0;
    let byte = 0x80;
    for (let shift = 0; byte >= 0x80; shift += 7) {
      byte = view.getUint8(at++);
      header += (byte & 0x7f) * 2 ** shift;
    }
    const count = Math.floor(header / 2) * (header % 2 === 1 ? 8 : 1);
    at += header % 2 === 1 ? count / 8 : 1;
    seen += count;
    if (count === 0 || seen > values + 7) throw damaged("levels that cannot be so many");
  }
}

function damaged(what: string): Error {
  return new Error(`damaged: ${what}`);
}
