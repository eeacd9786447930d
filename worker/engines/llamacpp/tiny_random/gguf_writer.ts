/** What a GGUF metadata entry may hold here: the few types that a small llama model needs. */
export type MetadataValue =
  | { readonly type: "u32" | "i32" | "f32"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "i32[]" | "f32[]"; readonly value: readonly number[] }
  | { readonly type: "string[]"; readonly value: readonly string[] };

/** A tensor, `shape` in GGUF order (fastest dimension first). */
export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer> | Float16Array<ArrayBuffer>;
}

const MAGIC = 0x46554747; // "GGUF", little-endian
const VERSION = 3;
const ALIGNMENT = 32;
const TYPE_CODE = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;
const F32 = 0;
const F16 = 1;

/** The bytes of a GGUF version 3 file. Equal input gives equal bytes. */
export function writeGguf(
  metadata: Readonly<Record<string, MetadataValue>>,
  tensors: readonly Tensor[],
): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter();
  out.u32(MAGIC).u32(VERSION).u64(tensors.length).u64(Object.keys(metadata).length);
  for (const [key, value] of Object.entries(metadata)) writeEntry(out, key, value);
  let offset = 0;
  for (const { name, shape, data } of tensors) {
    out.string(name).u32(shape.length);
    for (const size of shape) out.u64(size);
    out.u32(data instanceof Float32Array ? F32 : F16).u64(offset);
    offset = align(offset + data.byteLength);
  }
  for (const { data } of tensors) out.pad(ALIGNMENT).bytes(new Uint8Array(data.buffer));
  return out.pad(ALIGNMENT).take();
}

function writeEntry(out: ByteWriter, key: string, entry: MetadataValue): void {
  out.string(key);
  switch (entry.type) {
    case "string":
      out.u32(TYPE_CODE.string).string(entry.value);
      break;
    case "bool":
      out.u32(TYPE_CODE.bool).u8(entry.value ? 1 : 0);
      break;
    case "u32":
    case "i32":
    case "f32":
      out.u32(TYPE_CODE[entry.type])[entry.type](entry.value);
      break;
    case "string[]":
      out.u32(TYPE_CODE.array).u32(TYPE_CODE.string).u64(entry.value.length);
      for (const text of entry.value) out.string(text);
      break;
    case "i32[]":
    case "f32[]": {
      const type = entry.type === "i32[]" ? "i32" : "f32";
      out.u32(TYPE_CODE.array).u32(TYPE_CODE[type]).u64(entry.value.length);
      for (const number of entry.value) out[type](number);
    }
  }
}

function align(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

/** A growing little-endian byte buffer. */
class ByteWriter {
  #bytes = new Uint8Array(64 * 1024);
  #view = new DataView(this.#bytes.buffer);
  #size = 0;

  u8(value: number): this {
    this.#view.setUint8(this.#reserve(1), value);
    return this;
  }

  u32(value: number): this {
    this.#view.setUint32(this.#reserve(4), value, true);
    return this;
  }

  i32(value: number): this {
    this.#view.setInt32(this.#reserve(4), value, true);
    return this;
  }

  f32(value: number): this {
    this.#view.setFloat32(this.#reserve(4), value, true);
    return this;
  }

  u64(value: number): this {
    this.#view.setBigUint64(this.#reserve(8), BigInt(value), true);
    return this;
  }

  string(text: string): this {
    const utf8 = new TextEncoder().encode(text);
    return this.u64(utf8.length).bytes(utf8);
  }

  bytes(bytes: Uint8Array): this {
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** Zeros up to the next multiple of `alignment`. */
  pad(alignment: number): this {
    this.#reserve((alignment - this.#size % alignment) % alignment);
    return this;
  }

  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#size);
  }

  /** Makes room and says where it begins. */
  #reserve(size: number): number {
    const at = this.#size;
    this.#size += size;
    if (this.#size > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#size, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}
