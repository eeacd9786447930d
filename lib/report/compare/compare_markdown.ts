import { printable } from "../../base/text.ts";
import type { StudyComparison } from "../../results/compare/study_comparison.ts";
import { compareColumns } from "./compare_rows.ts";
import { compareNotes } from "./compare_notes.ts";
import { withExcluded } from "./messages.ts";
import { verdictSentence } from "./verdict_sentence.ts";

/** The same for a pull request (GitHub Flavored Markdown): the sentence in bold, the table, the notes as a list. */
export function compareMarkdown(comparison: StudyComparison): string {
  const { rows_with_excluded } = comparison;
  const notes = compareNotes(comparison).map((note) => `- ${escaped(note)}\n`).join("");
  const parts = [
    `**${escaped(verdictSentence(comparison))}**\n`,
    tableOf(comparison),
    ...rows_with_excluded === undefined
      ? []
      : [`${withExcluded()}\n\n${tableOf({ ...comparison, rows: rows_with_excluded })}`],
    notes,
  ];
  return parts.filter((part) => part !== "").join("\n");
}

function tableOf(comparison: StudyComparison): string {
  if (comparison.rows.length === 0) return "";
  const columns = compareColumns(comparison);
  const head = columns.map((column) => column.head);
  const rows = comparison.rows.map((_, row) => columns.map(({ cells }) => cells[row] ?? ""));
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(" | ")} |\n`;
  return line(head) + line(head.map(() => "---")) + rows.map(line).join("");
}

/** Text of a study must make no markup. */
function escaped(text: string): string {
  return printable(text).replace(/[\\`*{}<>|#~$@]|(?<!\w)_|_(?!\w)|\[(?=[^\]]*\]\()/g, (sign) => `\\${sign}`);
}
