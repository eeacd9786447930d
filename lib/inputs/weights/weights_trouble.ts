import { basename, dirname, join } from "node:path";
import { isFile, namesIn } from "../../base/files.ts";
import { foreignFormat, HEAD_BYTES } from "./foreign_format.ts";
import { type GgufHeader, type GgufReading, readGgufHeader } from "./gguf_header.ts";
import * as say from "./messages.ts";

const PART = /^(.+)-(\d{5})-of-(\d{5})\.gguf$/;

/** Architectures of files for images and sound beside a language model. */
const PROJECTORS: readonly string[] = ["clip", "mmproj"];

/** How a file is named: where it is, and what a study calls it. */
interface NamedFile {
  /** Absolute. */
  readonly path: string;
  /** As the study names it: files beside it are told likewise. */
  readonly name: string;
}

/**
 * Why a GGUF file cannot be loaded as a model, as its first bytes and its header tell: sentences with a remedy. Null where
 * nothing is wrong with it, so far; the weights themselves are not read.
 */
export function ggufTrouble({ path, name }: NamedFile): string | null {
  const reading = lookAt(path);
  if (reading.kind !== "header") return readingTrouble(path, reading);
  const { header, size } = reading;
  const others = (): string[] => ggufFilesIn({ path: dirname(path), name: dirname(name) }, path);
  if (isProjector(header)) return say.isProjector(path, others());
  if (header.type === "adapter") return say.isAdapter(path, others());
  if (header.part !== null && header.part.number > 1) return laterPart({ path, name }, header.part);
  if (header.tensors === 0 && header.part === null) return say.isVocabulary(path, others());
  if (header.bytes > size) return say.modelCutShort(path, { has: size, needs: header.bytes });
  return header.part === null ? null : partsTrouble(path, header.part.count);
}

/** The GGUF files of a folder that a study can name as a model, as it would name them; none that is only a part of one. */
export function ggufFilesIn(folder: NamedFile, without: string | null = null): string[] {
  return namesIn(folder.path).filter((name) => name.endsWith(".gguf")).sort().filter((name) => {
    const path = join(folder.path, name);
    if (path === without || Number(PART.exec(name)?.[2] ?? 1) > 1) return false;
    const reading = lookAt(path);
    return reading.kind === "header" && !isProjector(reading.header) && reading.header.type !== "adapter" &&
      (reading.header.tensors > 0 || reading.header.part !== null);
  }).map((name) => join(folder.name, name));
}

/** Why a file of a model's folder holds no weights; null where it may. */
export function weightsTrouble(path: string): string | null {
  try {
    using file = Deno.openSync(path);
    const { size } = file.statSync();
    const head = new Uint8Array(HEAD_BYTES);
    const bytes = head.subarray(0, file.readSync(head) ?? 0);
    const format = foreignFormat(bytes);
    if (format === "lfs_pointer" || format === "web_page") return say.notWeights(path, format);
    return format === "safetensors" && path.endsWith(".safetensors")
      ? safetensorsTrouble(file, path, size)
      : null;
  } catch {
    // What cannot be read is told by those who load it.
    return null;
  }
}

function safetensorsTrouble(file: Deno.FsFile, path: string, size: number): string | null {
  file.seekSync(0, Deno.SeekMode.Start);
  const start = new Uint8Array(8);
  file.readSync(start);
  const length = Number(new DataView(start.buffer).getBigUint64(0, true));
  if (8 + length > size) return say.modelCutShort(path, { has: size, needs: null });
  const text = new Uint8Array(length);
  for (let at = 0; at < length;) at += file.readSync(text.subarray(at)) ?? length;
  const header: unknown = JSON.parse(new TextDecoder().decode(text));
  const ends = Object.values(header as Record<string, { data_offsets?: readonly number[] }>)
    .map(({ data_offsets }) => data_offsets?.[1] ?? 0);
  const needs = 8 + length + ends.reduce((most, end) => Math.max(most, end), 0);
  return needs > size ? say.modelCutShort(path, { has: size, needs }) : null;
}

type Look = Exclude<GgufReading, { kind: "header" }> & { readonly size: number } | {
  readonly kind: "header";
  readonly header: GgufHeader;
  readonly size: number;
} | { readonly kind: "unreadable"; readonly reason: string };

function lookAt(path: string): Look {
  try {
    // A pipe would wait for somebody to write into it.
    if (!Deno.statSync(path).isFile) return { kind: "unreadable", reason: say.notRegularFile() };
    using file = Deno.openSync(path);
    const { size } = file.statSync();
    return { ...readGgufHeader(file, size), size };
  } catch (error) {
    return { kind: "unreadable", reason: (error as Error).message };
  }
}

function readingTrouble(path: string, reading: Exclude<Look, { kind: "header" }>): string {
  switch (reading.kind) {
    case "not_gguf":
      return say.notGguf(path, formatOf(path));
    case "cut":
      return say.modelCutShort(path, { has: reading.size, needs: null });
    case "version":
      return say.ggufVersion(path, reading.version);
    case "big_endian":
      return say.ggufBigEndian(path);
    case "unreadable":
      return say.modelUnreadable(path, reading.reason);
  }
}

function formatOf(path: string): ReturnType<typeof foreignFormat> {
  using file = Deno.openSync(path);
  const head = new Uint8Array(HEAD_BYTES);
  return foreignFormat(head.subarray(0, file.readSync(head) ?? 0));
}

function isProjector({ architecture, type }: GgufHeader): boolean {
  return type === "mmproj" || PROJECTORS.includes(architecture ?? "");
}

function laterPart({ path, name }: NamedFile, { number, count }: { number: number; count: number }): string {
  const first = partName(path, 1);
  return say.laterPart(path, {
    number,
    count,
    first: first === null ? null : join(dirname(name), first),
    isThere: first !== null && isFile(join(dirname(path), first)),
  });
}

/** The file name of another part of the model that a file belongs to; null where its name is not one of a part. */
function partName(path: string, number: number): string | null {
  const [, name, , count] = PART.exec(basename(path)) ?? [];
  return name === undefined ? null : `${name}-${String(number).padStart(5, "0")}-of-${count}.gguf`;
}

/** The library finds the other parts by the name of the first, and so does this. */
function partsTrouble(path: string, count: number): string | null {
  const [, , number, named] = PART.exec(basename(path)) ?? [];
  if (Number(number) !== 1 || Number(named) !== count) {
    const total = String(count).padStart(5, "0");
    return say.partMisnamed(path, { count, example: `NAME-00001-of-${total}.gguf` });
  }
  const others = Array.from({ length: count - 1 }, (_, index) => partName(path, index + 2) ?? "");
  const missing = others.filter((name) => !isFile(join(dirname(path), name)));
  if (missing.length > 0) return say.partsMissing(path, missing);
  for (const [index, name] of others.entries()) {
    const part = join(dirname(path), name);
    const reading = lookAt(part);
    if (reading.kind !== "header") return readingTrouble(part, reading);
    const { header, size } = reading;
    if (header.part?.number !== index + 2 || header.part.count !== count) return say.partOfOther(path, part);
    if (header.bytes > size) return say.modelCutShort(part, { has: size, needs: header.bytes });
  }
  return null;
}
