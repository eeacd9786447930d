import { append } from "../base/numbers.ts";
import type { Run } from "../experiment/run.ts";
import { withAdded } from "../journal/added_runs.ts";
import type { StudyState } from "../journal/fold.ts";
import { cycleDue, dueLook } from "../journal/looks.ts";
import type { Plan } from "../plan/plan.ts";
import { nextProbes, type SearchStep, searchSteps, type VerdictOf } from "../plan/search.ts";
import type { Results } from "../plan/until.ts";
import type { Look } from "../statistics/look.ts";

/** Hands out the runs of a study one after the other, each once. */
export interface RunSource {
  /**
   * A look at the results, where one is due; left out where none ever is. Asked before every `grow`; what it returns is
   * written down before anything else happens.
   */
  look?(state: StudyState): Look | null;
  /**
   * Runs that the study is to have on top of those it has by now, numbered on from them; mostly none. Asked before every
   * `next`, with what the journal says so far; what it returns is written down before anything else happens.
   */
  grow(state: StudyState): readonly Run[];
  /** The run that follows; null where there is none any more. A promise where others may have to be waited for. */
  next(state: StudyState): Run | null | Promise<Run | null>;
  /** Runs that are known and have not been handed out, in order. */
  rest(): readonly Run[];
}

/** One that waits for nobody. */
export interface ReadySource extends RunSource {
  next(state: StudyState): Run | null;
}

/** The runs of a plan, or those of them that a resume makes, in this order. */
export function planSource(runs: readonly Run[]): ReadySource {
  let handedOut = 0;
  return {
    grow: () => [],
    next: () => runs[handedOut++] ?? null,
    rest: () => runs.slice(handedOut),
  };
}

/**
 * The runs of a plan with a search, or those of them that a resume makes: where none is left, the next probe of every search
 * follows. `tell` hears of each search that has come further, in this session.
 */
export function searchSource(
  plan: Plan,
  todo: readonly Run[],
  { verdictOf, tell }: { readonly verdictOf: VerdictOf; readonly tell: (step: SearchStep) => void },
): ReadySource {
  const queue = [...todo];
  const told = new Map<string, string>();
  return {
    grow: ({ added }) => {
      if (queue.length > 0) return [];
      const steps = searchSteps(plan, verdictOf);
      for (const step of steps) {
        const { config_hash, kept, missed, next } = step;
        const state = JSON.stringify([kept, missed, next]);
        if (told.get(config_hash) !== state) tell(step);
        told.set(config_hash, state);
      }
      const runs = nextProbes(plan, withAdded(plan.runs, added), steps);
      append(queue, runs);
      return runs;
    },
    next: () => queue.shift() ?? null,
    rest: () => [...queue],
  };
}

/**
 * The runs of a plan with `execution.until`, or those of them that a resume makes: where none is left, the results are looked
 * at, and the next cycle follows where that says so.
 */
export function untilSource(plan: Plan, todo: readonly Run[], results: Results): ReadySource {
  const queue = [...todo];
  return {
    look: (state) => queue.length > 0 ? null : dueLook(plan, state, results),
    grow: (state) => {
      if (queue.length > 0) return [];
      const runs = cycleDue(plan, state, results);
      append(queue, runs);
      return runs;
    },
    next: () => queue.shift() ?? null,
    rest: () => [...queue],
  };
}
