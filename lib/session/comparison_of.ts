import { studyTable } from "../archive/read_study.ts";
import type { SummaryBuilder } from "../archive/summary_builder.ts";
import { withAdded } from "../journal/added_runs.ts";
import type { StudyState } from "../journal/fold.ts";
import type { Plan } from "../plan/plan.ts";
import { compareStudies } from "../results/compare/compare.ts";
import type { StudyComparison } from "../results/compare/study_comparison.ts";

/** More have too many comparisons for anybody to wait for at the end of a study; `llem compare` makes them all. */
const MOST_EXPERIMENTS = 2000;

/** A study whose runs are over, as its runner knows it. */
export interface EndedRuns {
  readonly dir: string;
  /** As the study began. */
  readonly plan: Plan;
  readonly state: StudyState;
  readonly results: SummaryBuilder;
}

/**
 * The settings of a study that has ended beside each other, as `llem compare` shows them, from the results that are known: none
 * is read again. Null where nothing can be compared: the results are on disk, and no word about them may cost the study its end.
 */
export function comparisonOf({ dir, plan, state, results }: EndedRuns): StudyComparison | null {
  const experiments = results.summary().rows.length;
  if (experiments < 2 || experiments > MOST_EXPERIMENTS) return null;
  try {
    const runs = withAdded(plan.runs, state.added);
    // Which attempts there were, which the journal tells, is nothing that is compared.
    return compareStudies([studyTable({ dir, plan: { ...plan, runs }, events: [], state }, results)]);
  } catch {
    return null;
  }
}
