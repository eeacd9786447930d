import { readStudy } from "../archive/read_study.ts";
import { compareStudies } from "../results/compare/compare.ts";
import type { StudyComparison } from "../results/compare/study_comparison.ts";

/** Results of more runs take longer to read again than anybody waits for at the end of a study; `llem compare` reads them all. */
const MOST_RUNS = 2000;

/**
 * The settings of a study that has ended beside each other, as `llem compare` shows them. Null where nothing can be compared,
 * or where it cannot be read: the results are on disk, and no word about them may cost the study its end.
 */
export function comparisonOf(dir: string, { runs, experiments }: Size): StudyComparison | null {
  if (experiments < 2 || runs > MOST_RUNS) return null;
  try {
    return compareStudies([readStudy(dir)]);
  } catch {
    return null;
  }
}

interface Size {
  readonly runs: number;
  readonly experiments: number;
}
