/**
 * The header of a GGUF file (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md): keys with values, then the name,
 * shape, type and place of every tensor. Versions 2 and 3, little-endian.
 */

/** What the header tells of the file. */
export interface GgufHeader {
  /** `general.architecture`, such as `llama`; null where it is not given. */
  readonly architecture: string | null;
  /** `general.type`: `model`, `mmproj`, `adapter` ...; null where it is not given. */
  readonly type: string | null;
  readonly tensors: number;
  /** Of a model in several files: which of them this is, counted from 1, and how many there are. */
  readonly part: { readonly number: number; readonly count: number } | null;
  /** Bytes that the file must have at least to hold all of its tensors. */
  readonly bytes: number;
}

export type GgufReading =
  | { readonly kind: "header"; readonly header: GgufHeader }
  /** The file ends before its header does. */
  | { readonly kind: "cut" }
  | { readonly kind: "not_gguf" }
  | { readonly kind: "version"; readonly version: number }
  | { readonly kind: "big_endian" };

const MAGIC = "GGUF";
const VERSIONS: readonly number[] = [2, 3];
const BIG_ENDIAN_VERSIONS: readonly number[] = [0x02000000, 0x03000000];
const FIRST_PIECE = 1 << 20;
/** Tokenizers take some MB; no header is near this. */
const MOST_HEADER_BYTES = 1 << 29;
const USUAL_ALIGNMENT = 32;

/** Bytes of one value, by the type's number; 8 is text and 9 a list. */
const VALUE_BYTES: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};
const TEXT = 8;
const LIST = 9;
const DEEPEST_LIST = 8;

/** Values in a block and bytes of it, by the number of a tensor's type (ggml.h). */
const TENSOR_BLOCKS: Readonly<Record<number, readonly [values: number, bytes: number]>> = {
  0: [1, 4],
  1: [1, 2],
  2: [32, 18],
  3: [32, 20],
  6: [32, 22],
  7: [32, 24],
  8: [32, 34],
  9: [32, 36],
  10: [256, 84],
  11: [256, 110],
  12: [256, 144],
  13: [256, 176],
  14: [256, 210],
  15: [256, 292],
  16: [256, 66],
  17: [256, 74],
  18: [256, 98],
  19: [256, 50],
  20: [32, 18],
  21: [256, 110],
  22: [256, 82],
  23: [256, 136],
  24: [1, 1],
  25: [1, 2],
  26: [1, 4],
  27: [1, 8],
  28: [1, 8],
  29: [256, 56],
  30: [1, 2],
  34: [256, 54],
  35: [256, 66],
  39: [32, 17],
};

/** The keys that are looked at. */
const WANTED = new Set([
  "general.architecture",
  "general.type",
  "general.alignment",
  "split.no",
  "split.count",
]);

/** Reads the header of an open file of this size. Throws what the system throws. */
export function readGgufHeader(file: Deno.FsFile, size: number): GgufReading {
  for (let length = Math.min(size, FIRST_PIECE);; length = Math.min(size, length * 4)) {
    const bytes = readStart(file, length);
    const refused = headOf(bytes);
    if (refused !== null) return refused;
    try {
      return { kind: "header", header: headerOf(new Cursor(bytes)) };
    } catch (error) {
      if (!(error instanceof Short)) throw error;
      if (length >= size || length >= MOST_HEADER_BYTES) return { kind: "cut" };
    }
  }
}

function headOf(bytes: Uint8Array<ArrayBuffer>): GgufReading | null {
  if (new TextDecoder("latin1").decode(bytes.subarray(0, 4)) !== MAGIC) return { kind: "not_gguf" };
  if (bytes.length < 8) return { kind: "cut" };
  const version = new DataView(bytes.buffer).getUint32(4, true);
  if (BIG_ENDIAN_VERSIONS.includes(version)) return { kind: "big_endian" };
  return VERSIONS.includes(version) ? null : { kind: "version", version };
}

function headerOf(cursor: Cursor): GgufHeader {
  cursor.skip(8);
  const tensors = cursor.count();
  const keys = cursor.count();
  const values = new Map<string, string | number>();
  for (let index = 0; index < keys; index++) {
    const key = cursor.text();
    const type = cursor.uint32();
    const value = WANTED.has(key) ? cursor.value(type) : cursor.skipValue(type);
    if (value !== null) values.set(key, value);
  }
  let end = 0;
  for (let index = 0; index < tensors; index++) end = Math.max(end, cursor.tensorEnd());
  const text = (key: string): string | null => {
    const value = values.get(key);
    return typeof value === "string" ? value : null;
  };
  const number = (key: string): number | null => {
    const value = values.get(key);
    return typeof value === "number" ? value : null;
  };
  const [no, count] = [number("split.no"), number("split.count")];
  const alignment = number("general.alignment") ?? USUAL_ALIGNMENT;
  return {
    architecture: text("general.architecture"),
    type: text("general.type"),
    tensors,
    part: no === null || count === null || count < 2 ? null : { number: no + 1, count },
    bytes: tensors === 0 ? cursor.at : Math.ceil(cursor.at / alignment) * alignment + end,
  };
}

function readStart(file: Deno.FsFile, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  file.seekSync(0, Deno.SeekMode.Start);
  let filled = 0;
  while (filled < length) {
    const count = file.readSync(bytes.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

/** There are fewer bytes than the header needs. */
class Short extends Error {}

/** Walks through the bytes of a header; throws Short at their end. */
class Cursor {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  at = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  skip(count: number): null {
    if (!(this.at + count <= this.#bytes.length)) throw new Short();
    this.at += count;
    return null;
  }

  uint32(): number {
    const { at } = this;
    this.skip(4);
    return this.#view.getUint32(at, true);
  }

  /** A number of 64 bits; one that no file can have counts as the end of the bytes. */
  count(): number {
    const { at } = this;
    this.skip(8);
    const count = Number(this.#view.getBigUint64(at, true));
    if (!Number.isSafeInteger(count)) throw new Short();
    return count;
  }

  text(): string {
    const length = this.count();
    const { at } = this;
    this.skip(length);
    return new TextDecoder().decode(this.#bytes.subarray(at, at + length));
  }

  /** A text or a whole number; null for a value of another type, which is passed over. */
  value(type: number): string | number | null {
    if (type === TEXT) return this.text();
    const { at } = this;
    this.skipValue(type);
    switch (type) {
      case 0:
        return this.#view.getUint8(at);
      case 1:
        return this.#view.getInt8(at);
      case 2:
        return this.#view.getUint16(at, true);
      case 3:
        return this.#view.getInt16(at, true);
      case 4:
        return this.#view.getUint32(at, true);
      case 5:
        return this.#view.getInt32(at, true);
      case 10:
      case 11:
        return Number(this.#view.getBigInt64(at, true));
      default:
        return null;
    }
  }

  skipValue(type: number, depth = 0): null {
    if (type === TEXT) return this.skip(this.count());
    if (type !== LIST) return this.skip(VALUE_BYTES[type] ?? Infinity);
    if (depth > DEEPEST_LIST) throw new Short();
    const items = this.uint32();
    const count = this.count();
    const bytes = VALUE_BYTES[items];
    if (bytes !== undefined) return this.skip(bytes * count);
    for (let index = 0; index < count; index++) this.skipValue(items, depth + 1);
    return null;
  }

  /** Where the next tensor ends, from the beginning of the data; 1 byte long where its type is not known. */
  tensorEnd(): number {
    this.text();
    const dimensions = this.uint32();
    let values = 1;
    for (let index = 0; index < dimensions; index++) values *= this.count();
    const [inBlock, bytes] = TENSOR_BLOCKS[this.uint32()] ?? [Infinity, 1];
    return this.count() + Math.ceil(values / inBlock) * bytes;
  }
}
