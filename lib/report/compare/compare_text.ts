import type { StudyComparison } from "../../results/compare/study_comparison.ts";
import { textTable } from "../table.ts";
import { variedText } from "../run_name.ts";
import { verdictSentence } from "./verdict_sentence.ts";

/** A comparison as people read it: the sentence, then a row for each ratio. Ends with a newline. */
export function compareText(comparison: StudyComparison): string {
  const rows = comparison.rows.map((row) => [
    variedText(row.varied),
    row.metric,
    String(row.ratio ?? "-"),
    row.verdict,
  ]);
  return `${verdictSentence(comparison)}\n\n${textTable(["setting", "metric", "ratio", "verdict"], rows)}`;
}
