import { type SharedSpread, sharedSpread } from "../shared_spread.ts";
import { hasSplitCycles } from "./blocks.ts";
import { type Sample, valueOf } from "./samples.ts";

export type Pool = SharedSpread<Sample>;

/**
 * Over the rows that have every cycle in which the baselines have the metric; null where they share no spread, and where a cycle
 * was made on several sets of boards.
 */
export function poolOf(
  samples: readonly Sample[],
  baselines: readonly Sample[],
  metric: string,
): Pool | null {
  if (hasSplitCycles(samples)) return null;
  return sharedSpread(samples, baselines, ({ runs }) =>
    new Map(runs.flatMap((run): [number, number][] => {
      const value = valueOf(run, metric);
      return value !== null && value > 0 ? [[run.cycle, value]] : [];
    })));
}
