import { Problem } from "../base/problem.ts";
import { isDirectory, promptLineTooLong, promptsUnreadable } from "./messages.ts";

const LF = 0x0a;
const CHUNK_BYTES = 256 * 1024;
const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** The lines of a file without their ends, a batch for each piece that was read, so that a huge file is never whole. */
export async function* readLines(path: string, signal: AbortSignal): AsyncGenerator<readonly Uint8Array[]> {
  using file = await open(path);
  const chunk = new Uint8Array(CHUNK_BYTES);
  let rest = new Uint8Array(0);
  for (let size = await file.read(chunk); size !== null; size = await file.read(chunk)) {
    signal.throwIfAborted();
    let bytes = concat(rest, chunk.subarray(0, size));
    const lines: Uint8Array[] = [];
    for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF)) {
      lines.push(bytes.subarray(0, end));
      bytes = bytes.subarray(end + 1);
    }
    if (bytes.length > MAX_LINE_BYTES) {
      throw new Problem(promptLineTooLong(path, MAX_LINE_BYTES));
    }
    rest = bytes;
    yield lines;
  }
  if (rest.length > 0) yield [rest];
}

async function open(path: string): Promise<Deno.FsFile> {
  try {
    if ((await Deno.stat(path)).isDirectory) throw new Error(isDirectory());
    return await Deno.open(path);
  } catch (error) {
    throw new Problem(promptsUnreadable(path, (error as Error).message), { cause: error });
  }
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
