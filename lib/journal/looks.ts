import type { Run } from "../experiment/run.ts";
import type { Plan } from "../plan/plan.ts";
import { lookAt, nextCycle, type Results } from "../plan/until.ts";
import type { Look } from "../statistics/look.ts";
import { withAdded } from "./added_runs.ts";
import type { StudyState } from "./fold.ts";

/**
 * The look at the results that is due in a study whose runs are all over: none was taken since the last of them, or a limit
 * that ended the study is higher now. Null where none is, and where the number of cycles is fixed.
 */
export function dueLook(plan: Plan, state: StudyState, results: Results): Look | null {
  if (plan.execution.until === null) return null;
  const { look, is_look_old } = state;
  const isLimited = look?.decision === "max_cycles" || look?.decision === "time_budget";
  if (look !== null && !is_look_old && !isLimited) return null;
  const now = lookAt(plan, withAdded(plan.runs, state.added), results, state.spent_s);
  return look !== null && !is_look_old && now.decision === look.decision ? null : now;
}

/** The cycle that the last look asks for; empty where it asks for none, or the study has that cycle. */
export function cycleDue(plan: Plan, { look, is_look_old, added }: StudyState, results: Results): Run[] {
  if (look === null || is_look_old || look.decision !== "continue") return [];
  const runs = withAdded(plan.runs, added);
  const cycle = runs.at(-1)?.cycle ?? 0;
  return cycle > look.cycle ? [] : nextCycle(plan, runs, results);
}
