import { printable } from "../../base/text.ts";
import { wrapText } from "../table.ts";
import { reportAt } from "./messages.ts";
import type { StudyVerdict } from "./study_verdict.ts";

/** Where the text goes. */
export interface EndSpace {
  /** Columns of the terminal; null where there is none. */
  readonly width: number | null;
  /** Where the report of the study is; null where none was written. */
  readonly reported: string | null;
}

/** The end of a study below its table: what failed, what it came to, where there is more. Ends with a newline. */
export function endText(
  { failures, sentences, compare, report }: StudyVerdict,
  { width, reported }: EndSpace,
): string {
  const fitted = (line: string): string[] => width === null ? [line] : wrapText(line, width);
  // Commands and paths stay on one line, to be copied.
  const more = [compare, reported === null ? report : reportAt(printable(reported))];
  return [failures, ...sentences.flatMap(fitted), ...more]
    .map((line) => line === null ? "" : `${line}\n`).join("");
}
