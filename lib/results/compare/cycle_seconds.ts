import { median } from "../../base/quantile.ts";
import type { StudyTable } from "../study_table.ts";

/** What a further cycle of a study takes, in seconds: a run of every row, without gaps; null where no run tells. */
export function cycleSeconds(table: StudyTable | undefined): number | null {
  if (table === undefined) return null;
  const byRow = Map.groupBy(
    table.runs.flatMap(({ summary }) => summary?.status === "completed" ? [summary] : []),
    ({ config_hash }) => config_hash,
  );
  if (byRow.size === 0) return null;
  return [...byRow.values()].reduce((sum, runs) => sum + median(runs.map(({ duration_s }) => duration_s)), 0);
}
