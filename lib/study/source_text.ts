import type { Issue } from "../base/issue.ts";
import type { IssueText } from "./messages.ts";

const WIDE = /[\u{10000}-\u{10ffff}]/gu;

/** A text that a value can come from: a file, or an option of the command line, which has no lines. */
export interface SourceText {
  readonly name: string | null;
  readonly text: string;
  /** Where each line starts; empty for an option. */
  readonly lineStarts: readonly number[];
  /** Where each character stands that takes two units, so that columns can be counted in characters. */
  readonly wide: readonly number[];
}

/** A position in a source. */
export interface SourceLocation {
  readonly source: SourceText;
  /** In UTF-16 units from the start of the text. */
  readonly offset: number;
}

/** A file's text, ready to tell places. */
export function fileText(name: string | null, text: string): SourceText {
  const lineStarts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lineStarts.push(at + 1);
  const wide = [...text.matchAll(WIDE)].map(({ index }) => index);
  return { name, text, lineStarts, wide };
}

/** The source of a value that an option of the command line gives. */
export function optionText(name: string | null): SourceText {
  return { name, text: "", lineStarts: [], wide: [] };
}

/** An issue at a place, with a hint where the text has one; the line and column are null where the source has none. */
export function issueAt(location: SourceLocation, path: string, text: string | IssueText): Issue {
  const { message, hint } = typeof text === "string" ? { message: text, hint: null } : text;
  return { ...issueLocation(location), path, message, hint };
}

/** A place as an issue tells it. */
export function issueLocation(location: SourceLocation): Pick<Issue, "file" | "line" | "column"> {
  return { file: location.source.name, ...positionOf(location) };
}

/** 1-based line, and column in characters. */
function positionOf({ source, offset }: SourceLocation): { line: number | null; column: number | null } {
  const { lineStarts, wide } = source;
  if (lineStarts.length === 0) return { line: null, column: null };
  const line = countUpTo(lineStarts, offset);
  const start = lineStarts[line - 1] ?? 0;
  const wideBefore = countUpTo(wide, offset - 1) - countUpTo(wide, start - 1);
  return { line, column: offset - start - wideBefore + 1 };
}

/** How many of some ascending numbers are at most a limit, by bisection: a file may hold many issues in one long line. */
function countUpTo(ascending: readonly number[], limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
