import { createHash } from "node:crypto";
import { type BigIntStats, statSync } from "node:fs";
import { noLongerExists, otherContent, otherSize } from "./messages.ts";

/** By what a file is known again: cheap facts first, and a digest for when they are not what they were. */
export interface FileMark {
  /** Absolute. */
  readonly path: string;
  readonly size: number;
  /** Nanoseconds since 1970. */
  readonly mtime_ns: string;
  readonly inode: string;
  /** SHA-256 of the file, or of its size and samples where it is large; null where it could not be read. */
  readonly digest: string | null;
}

/** Up to this size the digest is of all of a file; weights of 100 GB are not read before a study. */
const WHOLE_BYTES = 16 * 1024 * 1024;
/** Of a larger one these many samples, from its beginning to its end. */
const SAMPLES = 64;
const SAMPLE_BYTES = 64 * 1024;

/** The mark of a file as it is now; null where there is none. */
export function markFile(path: string): FileMark | null {
  const stat = statOf(path);
  return stat === null ? null : { path, ...factsOf(stat), digest: digestOf(path, Number(stat.size)) };
}

/** What a second look at a marked file finds. */
export type Look =
  /** The same content, though it may have been moved or put back; its mark as it is now. */
  | { readonly kind: "same"; readonly mark: FileMark }
  /** Another content or none, in words that follow the file's path. */
  | { readonly kind: "changed"; readonly how: string };

/** Looks at a marked file again. It is read only where size, time or inode are not what they were. */
export function lookAgain(mark: FileMark): Look {
  const stat = statOf(mark.path);
  if (stat === null) return { kind: "changed", how: noLongerExists() };
  const now = factsOf(stat);
  if (now.size !== mark.size) {
    return { kind: "changed", how: otherSize(mark.size, now.size) };
  }
  if (now.mtime_ns === mark.mtime_ns && now.inode === mark.inode) return { kind: "same", mark };
  const digest = digestOf(mark.path, now.size);
  if (digest !== null && digest === mark.digest) return { kind: "same", mark: { ...mark, ...now } };
  return { kind: "changed", how: otherContent(timeText(stat)) };
}

function statOf(path: string): BigIntStats | null {
  try {
    const stat = statSync(path, { bigint: true });
    return stat.isFile() ? stat : null;
  } catch {
    return null;
  }
}

function factsOf({ size, mtimeNs, ino }: BigIntStats): Pick<FileMark, "size" | "mtime_ns" | "inode"> {
  return { size: Number(size), mtime_ns: String(mtimeNs), inode: String(ino) };
}

function timeText({ mtime }: BigIntStats): string {
  return mtime.toISOString().slice(0, 19).replace("T", " ");
}

function digestOf(path: string, size: number): string | null {
  try {
    using file = Deno.openSync(path);
    const hash = createHash("sha256").update(`${size}\n`);
    const piece = new Uint8Array(SAMPLE_BYTES);
    const step = size <= WHOLE_BYTES ? SAMPLE_BYTES : (size - SAMPLE_BYTES) / (SAMPLES - 1);
    for (let at = 0; at < size; at += step) {
      file.seekSync(Math.floor(at), Deno.SeekMode.Start);
      hash.update(piece.subarray(0, readFully(file, piece)));
    }
    return hash.digest("hex");
  } catch {
    return null;
  }
}

/** Bytes read: fewer than there is room for at the end of the file alone. */
function readFully(file: Deno.FsFile, into: Uint8Array): number {
  let length = 0;
  while (length < into.length) {
    const count = file.readSync(into.subarray(length));
    if (count === null) break;
    length += count;
  }
  return length;
}
