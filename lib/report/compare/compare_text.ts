import type { StudyComparison } from "../../results/compare/study_comparison.ts";
import { printableLines } from "../../base/text.ts";
import { textTable } from "../table.ts";
import { compareCells } from "./compare_rows.ts";
import { compareNotes } from "./compare_notes.ts";
import { withExcluded } from "./messages.ts";
import { verdictSentence } from "./verdict_sentence.ts";

/** A comparison as people read it: the sentence, then a row for each ratio, then what is to be known. Ends with a newline. */
export function compareText(comparison: StudyComparison): string {
  const { rows_with_excluded } = comparison;
  const parts = [
    `${verdictSentence(comparison)}\n`,
    tableOf(comparison),
    ...rows_with_excluded === undefined
      ? []
      : [`${withExcluded()}\n${tableOf({ ...comparison, rows: rows_with_excluded })}`],
    compareNotes(comparison).map((note) => `${note}\n`).join(""),
  ];
  // What differs between studies is told in the words of their machines and workers.
  return printableLines(parts.filter((part) => part !== "").join("\n"));
}

function tableOf(comparison: StudyComparison): string {
  const { head, rows } = compareCells(comparison);
  return rows.length === 0 ? "" : textTable(head, rows);
}
