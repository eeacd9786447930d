import type { Run } from "../experiment/run.ts";
import { withAdded } from "../journal/added_runs.ts";
import type { StudyState } from "../journal/fold.ts";
import type { Plan } from "../plan/plan.ts";
import { nextProbes, searchSteps } from "../plan/search.ts";
import { realDisk } from "../storage/disk.ts";
import { SummaryBuilder } from "./summary_builder.ts";

/**
 * The runs that a study gets next by its search, where none of those that it has is left: a runner may have ended between
 * a verdict and the probe that follows from it. None where it has no search, or one that is over.
 */
export function probesLeft(dir: string, plan: Plan, state: StudyState): Run[] {
  if (plan.search === null) return [];
  const summary = new SummaryBuilder(realDisk, dir, plan, state);
  const steps = searchSteps(plan, (run) => summary.verdictOf(run));
  return nextProbes(plan, withAdded(plan.runs, state.added), steps);
}
