/** Lines of a log's end that a record keeps, and the longest of them in UTF-16 units. */
export const TAIL_LINES = 40;
export const TAIL_LINE_LENGTH = 500;

/** So much of the file's end is read: TAIL_LINES long lines. */
const WINDOW_BYTES = 128 * 1024;
const CUT_MARK = "...";

/**
 * The last lines of a log file, whatever bytes it holds; empty where it cannot be read. Reads only the file's end, so
 * a log costs nothing until somebody wants to know, and no more where it is large. Of a line that was written over
 * with carriage returns (a progress bar) what a terminal would show last is kept. Control characters stay as they are.
 * `change` gets each whole line, before it is clipped.
 */
export function lastLines(path: string, change: (line: string) => string = (line) => line): string[] {
  const end = readEnd(path);
  if (end === null) return [];
  // A byte that is no UTF-8 becomes U+FFFD; a byte order mark is text like any other.
  const lines = new TextDecoder("utf-8", { ignoreBOM: true }).decode(end.bytes).split("\n").map(
    lastOverwrite,
  );
  // The first line of a cut file is most likely half a line.
  if (end.isCut && lines.length > 1) lines.shift();
  while (lines.at(-1)?.trim() === "") lines.pop();
  return lines.slice(-TAIL_LINES).map((line) => clipLine(change(line)));
}

function readEnd(path: string): { bytes: Uint8Array; isCut: boolean } | null {
  try {
    // A worker may write in its run folder: opening a pipe in the log's place would wait for ever.
    if (!Deno.lstatSync(path).isFile) return null;
    using file = Deno.openSync(path);
    const { size } = file.statSync();
    const start = Math.max(0, size - WINDOW_BYTES);
    file.seekSync(start, Deno.SeekMode.Start);
    const bytes = new Uint8Array(size - start);
    let length = 0;
    while (length < bytes.length) {
      const count = file.readSync(bytes.subarray(length));
      if (count === null) break;
      length += count;
    }
    return { bytes: bytes.subarray(0, length), isCut: start > 0 };
  } catch {
    // No log, or one that cannot be read: the run has more important things to tell.
    return null;
  }
}

function lastOverwrite(line: string): string {
  return line.split("\r").findLast((part) => part !== "") ?? "";
}

function clipLine(line: string): string {
  if (line.length <= TAIL_LINE_LENGTH) return line;
  return `${line.slice(0, TAIL_LINE_LENGTH - CUT_MARK.length).toWellFormed()}${CUT_MARK}`;
}
