import type { StudyComparison } from "../../results/compare/study_comparison.ts";
import { variedText } from "../run_name.ts";
import { comparedSentence, nothingCompared } from "./messages.ts";

/** What a comparison comes to, in a sentence that a manager can read. */
export function verdictSentence({ rows, baseline }: StudyComparison): string {
  const [row] = rows;
  if (row === undefined || row.ratio === null) return nothingCompared();
  return comparedSentence(variedText(row.varied), row.metric, row.ratio, variedText(baseline.varied));
}
