import type { Run } from "../experiment/run.ts";
import type { StudyState } from "../journal/fold.ts";

/** Hands out the runs of a study one after the other, each once. */
export interface RunSource {
  /**
   * Runs that the study is to have on top of those it has by now, numbered on from them; mostly none. Asked before every
   * `next`, with what the journal says so far; what it returns is written down before anything else happens.
   */
  grow(state: StudyState): readonly Run[];
  /** The run that follows; null where there is none any more. */
  next(state: StudyState): Run | null;
  /** Runs that are known and have not been handed out, in order. */
  rest(): readonly Run[];
}

/** The runs of a plan, or those of them that a resume makes, in this order. */
export function planSource(runs: readonly Run[]): RunSource {
  let handedOut = 0;
  return {
    grow: () => [],
    next: () => runs[handedOut++] ?? null,
    rest: () => runs.slice(handedOut),
  };
}
