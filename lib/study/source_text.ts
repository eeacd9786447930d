import type { Issue } from "../base/issue.ts";

/** A text that a value can come from: a file, or an option of the command line, which has no lines. */
export interface SourceText {
  readonly name: string | null;
  readonly text: string;
  /** Where each line starts; empty for an option. */
  readonly lineStarts: readonly number[];
}

/** A position in a source. */
export interface Place {
  readonly source: SourceText;
  /** In UTF-16 units from the start of the text. */
  readonly offset: number;
}

/** A file's text, ready to tell places. */
export function fileText(name: string | null, text: string): SourceText {
  const lineStarts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lineStarts.push(at + 1);
  return { name, text, lineStarts };
}

/** The source of a value that an option of the command line gives. */
export function optionText(name: string | null): SourceText {
  return { name, text: "", lineStarts: [] };
}

/** An issue at a place; the line and column are null where the source has none. */
export function issueAt(place: Place, path: string, message: string, hint: string | null = null): Issue {
  return { ...toldPlace(place), path, message, hint };
}

/** A place as an issue tells it. */
export function toldPlace(place: Place): Pick<Issue, "file" | "line" | "column"> {
  return { file: place.source.name, ...positionOf(place) };
}

/** 1-based line, and column in characters. */
function positionOf({ source, offset }: Place): { line: number | null; column: number | null } {
  const { text, lineStarts } = source;
  if (lineStarts.length === 0) return { line: null, column: null };
  const line = lineOf(lineStarts, offset);
  const start = lineStarts[line - 1] ?? 0;
  return { line, column: [...text.slice(start, offset)].length + 1 };
}

/** The 1-based line that holds an offset, by bisection. */
function lineOf(lineStarts: readonly number[], offset: number): number {
  let low = 0;
  let high = lineStarts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}
