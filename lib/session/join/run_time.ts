import type { Run } from "../../experiment/run.ts";
import type { JournalFold } from "../../journal/fold.ts";
import type { Plan } from "../../plan/plan.ts";
import { runLimitSeconds } from "../../plan/run_limit.ts";

/** A run may take so much longer than the longest of its experiment so far. */
const MARGIN = 1.5;

/**
 * Whether a run can end in the time that is left: in its limit or, where runs of its experiment are known, in one and a half
 * times the longest of them; before that, in what is expected.
 */
export function fitsIn(
  { execution }: Pick<Plan, "execution">,
  fold: Pick<JournalFold, "state">,
  timeLeftMs: () => number | null,
  expected_s: (config_hash: string) => number | null = () => null,
): (run: Run) => boolean {
  return (run) => {
    const leftMs = timeLeftMs();
    if (leftMs === null) return true;
    const longest_s = longestOf(run, fold);
    const known_s = longest_s === null ? expected_s(run.config_hash) : MARGIN * longest_s;
    const limit_s = runLimitSeconds(run.config, execution);
    const needed_s = known_s === null ? limit_s : Math.min(limit_s, known_s);
    return needed_s * 1000 <= leftMs;
  };
}

/** Null where no run of that experiment has completed. */
function longestOf({ config_hash }: Run, { state }: Pick<JournalFold, "state">): number | null {
  let longest: number | null = null;
  for (const { finished } of state.entries.values()) {
    if (finished?.config_hash !== config_hash || finished.kind !== "completed") continue;
    longest = Math.max(longest ?? 0, finished.duration_s);
  }
  return longest;
}
