import type { StudyTable } from "../../results/study_table.ts";
import { missingResult, moreMissingResults, rerunMissing } from "./messages.ts";

const MOST_NAMED = 10;

/**
 * What has to be said of the completed runs of a study that have lost their results, a sentence each, the last with the
 * command that makes them again; none where all have theirs.
 */
export function missingResultLines({ dir, runs }: Pick<StudyTable, "dir" | "runs">): string[] {
  const missing = runs.filter(({ standing }) => standing === "missing");
  if (missing.length === 0) return [];
  const named = missing.slice(0, MOST_NAMED);
  return [
    ...named.map(({ index, result_file }) => missingResult(index, `${dir}/${result_file}`)),
    ...missing.length > named.length ? [moreMissingResults(missing.length - named.length)] : [],
    rerunMissing(dir, missing.length),
  ];
}
