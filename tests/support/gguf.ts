/** GGUF files of a few hundred bytes: a header that tells what a test wants, and zeros for weights. */

export interface GgufDraft {
  readonly architecture?: string;
  /** `general.type`. */
  readonly type?: string;
  /** Counted from 1. */
  readonly part?: readonly [number: number, count: number];
  /** Tensors of 32 numbers in fp32 each. */
  readonly tensors?: number;
  readonly version?: number;
  /** Texts of a list, as a tokenizer has them. */
  readonly tokens?: number;
}

const U16 = 2;
const TEXT = 8;
const LIST = 9;

/** A whole file. */
export function ggufFile(draft: GgufDraft = {}): Uint8Array<ArrayBuffer> {
  const { architecture = "llama", type = null, part = null, tensors = 1, version = 3, tokens = 2 } = draft;
  const keys = [
    [...text("general.architecture"), ...u32(TEXT), ...text(architecture)],
    ...type === null ? [] : [[...text("general.type"), ...u32(TEXT), ...text(type)]],
    [
      ...text("tokenizer.ggml.tokens"),
      ...u32(LIST),
      ...u32(TEXT),
      ...u64(tokens),
      ...Array.from({ length: tokens }, (_, index) => text(`token ${index}`)).flat(),
    ],
    ...part === null ? [] : [
      [...text("split.no"), ...u32(U16), part[0] - 1, 0],
      [...text("split.count"), ...u32(U16), part[1], 0],
    ],
  ];
  const infos = Array.from(
    { length: tensors },
    (_, index) => [...text(`blk.${index}`), ...u32(2), ...u64(4), ...u64(8), ...u32(0), ...u64(index * 128)],
  );
  const header = [
    ..."GGUF".split("").map((letter) => letter.charCodeAt(0)),
    ...u32(version),
    ...u64(tensors),
    ...u64(keys.length),
    ...keys.flat(),
    ...infos.flat(),
  ];
  const start = tensors === 0 ? header.length : Math.ceil(header.length / 32) * 32;
  const file = new Uint8Array(start + tensors * 128);
  file.set(header);
  return file;
}

function u32(value: number): number[] {
  return [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
}

function u64(value: number): number[] {
  return [...u32(value), 0, 0, 0, 0];
}

function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value);
  return [...u64(bytes.length), ...bytes];
}
