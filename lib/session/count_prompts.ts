import { isFile } from "../base/files.ts";

const CHUNK_BYTES = 256 * 1024;
const LF = 0x0a;
const SPACE = 0x20;

/**
 * How many lines of a file hold anything, up to `most`; null where it cannot be read. No more of it is read than that takes.
 * Whether they are prompts is checked before the run.
 */
export function countPrompts(path: string, most: number): number | null {
  if (!isFile(path)) return null;
  try {
    using file = Deno.openSync(path);
    return countLines(file, most);
  } catch {
    return null;
  }
}

function countLines(file: Deno.FsFile, most: number): number {
  const chunk = new Uint8Array(CHUNK_BYTES);
  let count = 0;
  let isBlank = true;
  for (let size = file.readSync(chunk); size !== null && count < most; size = file.readSync(chunk)) {
    for (const byte of chunk.subarray(0, size)) {
      if (byte === LF) isBlank = true;
      else if (isBlank && byte > SPACE) {
        isBlank = false;
        count++;
      }
    }
  }
  return Math.min(count, most);
}
