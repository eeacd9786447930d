import type { Run } from "../experiment/run.ts";
import { runsAdded, withAdded } from "../journal/added_runs.ts";
import type { JournalEvent } from "../journal/event.ts";
import type { StudyState } from "../journal/fold.ts";
import { cycleDue, dueLook } from "../journal/looks.ts";
import type { Plan } from "../plan/plan.ts";
import { nextProbes, searchSteps } from "../plan/search.ts";
import type { Results } from "../plan/until.ts";
import { realDisk } from "../storage/disk.ts";
import { SummaryBuilder } from "./summary_builder.ts";

/** What a study gets on top of what it has. */
export interface Growth {
  readonly runs: readonly Run[];
  /** The lines of the journal that say so; a look that adds nothing is one as well. */
  readonly events: readonly JournalEvent[];
}

const NOTHING: Growth = { runs: [], events: [] };

/**
 * What a study gets next by its search or by `execution.until`, where none of the runs that it has is left: a runner may have
 * ended between a result and the runs that follow from it. Nothing where it has neither, or the end is reached.
 */
export function growthOf(dir: string, plan: Plan, state: StudyState): Growth {
  if (plan.execution.until !== null) {
    const results = resultsOf(new SummaryBuilder(realDisk, dir, plan, state));
    const look = dueLook(plan, state, results);
    const looked = look === null ? state : { ...state, look, is_look_old: false };
    const runs = cycleDue(plan, looked, results);
    const events = look === null ? [] : [{ type: "look", ...look } as const];
    return { runs, events: [...events, ...runsAdded(runs)] };
  }
  if (plan.search === null) return NOTHING;
  const summary = new SummaryBuilder(realDisk, dir, plan, state);
  const steps = searchSteps(plan, (run) => summary.verdictOf(run));
  const runs = nextProbes(plan, withAdded(plan.runs, state.added), steps);
  return { runs, events: runsAdded(runs) };
}

/** The results of a study as its looks see them. */
export function resultsOf(summary: SummaryBuilder): Results {
  return {
    hasCompleted: (run) => summary.runOf(run)?.summary.status === "completed",
    valueOf: (run, metric) => {
      const made = summary.runOf(run)?.summary;
      return made?.status === "completed" ? made.metrics[metric] ?? null : null;
    },
  };
}
