import { EXIT } from "../../../base/refusal.ts";
import type { StudyComparison } from "../../../results/compare/study_comparison.ts";

/**
 * 3 where nothing could be concluded, or a difference nobody declared forbids it; with `gate` 1 where a row is worse, and 3
 * where one could not be judged; with `strict` 6 where one is undecided; else 0: there is an answer.
 */
export function compareExitCode(
  { rows, differences }: Pick<StudyComparison, "rows" | "differences">,
  { gate, strict }: { readonly gate: boolean; readonly strict: boolean },
): number {
  const has = (verdict: string): boolean => rows.some((row) => row.verdict === verdict);
  const isJudged = rows.some(({ verdict }) => verdict !== "not_comparable");
  if (!isJudged || differences.undeclared.some(({ refuses }) => refuses)) return EXIT.notComparable;
  if (gate && has("worse")) return EXIT.worse;
  if (gate && has("not_comparable")) return EXIT.notComparable;
  return strict && has("undecided") ? EXIT.undecided : EXIT.ok;
}
