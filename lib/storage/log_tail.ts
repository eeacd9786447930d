import { readTail } from "./read_tail.ts";

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
  const end = readTail(path, WINDOW_BYTES);
  // The run has more important things to tell.
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

function lastOverwrite(line: string): string {
  return line.split("\r").findLast((part) => part !== "") ?? "";
}

function clipLine(line: string): string {
  if (line.length <= TAIL_LINE_LENGTH) return line;
  return `${line.slice(0, TAIL_LINE_LENGTH - CUT_MARK.length).toWellFormed()}${CUT_MARK}`;
}
