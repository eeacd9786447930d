import { adjusted } from "../../statistics/adjust.ts";
import { judged, type RawRow } from "./compared_row.ts";
import type { ComparedRow, CompareOptions } from "./study_comparison.ts";

/** A row with its verdict beside what it was made of. */
export type AdjustedRow<R extends RawRow> = R & { readonly judged: ComparedRow };

/** Adjusts the p-values over all rows and metrics that have one, and gives every row its verdict. */
export function adjustedRows<R extends RawRow>(
  raw: readonly R[],
  { adjust, confidence }: Pick<CompareOptions, "adjust" | "confidence">,
): AdjustedRow<R>[] {
  const tested = raw.flatMap(({ ratio }) => ratio ?? []);
  const ps = adjusted(tested.map(({ p }) => p), adjust);
  const byRatio = new Map(tested.map((ratio, index) => [ratio, ps[index] ?? 1]));
  return raw.map((found) => ({
    ...found,
    judged: judged(
      found,
      found.ratio === null ? null : byRatio.get(found.ratio) ?? null,
      1 - confidence,
    ),
  }));
}
