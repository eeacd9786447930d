import { blockedRatio } from "../../statistics/blocked_ratio.ts";
import { logInterval } from "../../statistics/log_interval.ts";
import { meanOf } from "../../statistics/moments.ts";
import { pooledRatio } from "../../statistics/pooled_ratio.ts";
import { pairedRatio, type Ratio, unpairedRatio } from "../../statistics/ratio.ts";
import { blockOf, isOnSameBoards } from "./blocks.ts";
import type { Pool } from "./pool.ts";
import { type Pair, type Sample, type SampleRun, valueOf } from "./samples.ts";

/** The runs of both sides that have a metric; where they are paired, those of the same cycles, in the same order. */
export interface Sides {
  readonly base: readonly SampleRun[];
  readonly other: readonly SampleRun[];
}

/** A ratio by its runs alone, before anything else is known of it. */
export interface FoundRatio {
  readonly ratio: Ratio;
  readonly variance: "pooled" | "own";
}

/** Of one study by cycles that both have, on the same boards; of two studies all of them. */
export function sidesOf({ base, other }: Pair, metric: string, design: "paired" | "unpaired"): Sides {
  const having = ({ runs }: Sample): SampleRun[] => runs.filter((run) => valueOf(run, metric) !== null);
  if (design === "unpaired") return { base: having(base), other: having(other) };
  const theirs = new Map(having(base).map((run) => [run.cycle, run]));
  const both = having(other).flatMap((run): [SampleRun, SampleRun][] => {
    const partner = theirs.get(run.cycle);
    return partner === undefined || !isOnSameBoards(partner, run) ? [] : [[partner, run]];
  });
  return { base: both.map(([run]) => run), other: both.map(([, run]) => run) };
}

/** Null where a side has fewer than two runs, or a value is 0 or less. `pool`: the spread that all rows share, where they do. */
export function ratioOfSides(
  sides: Sides,
  metric: string,
  { design, pool, confidence }: {
    readonly design: "paired" | "unpaired";
    readonly pool: Pool | null;
    readonly confidence: number;
  },
): FoundRatio | null {
  const [a, b] = [valuesOfRuns(sides.base, metric), valuesOfRuns(sides.other, metric)];
  const own = (ratio: Ratio | null): FoundRatio | null => ratio === null ? null : { ratio, variance: "own" };
  if (design === "unpaired") {
    return own(ratioByBlocks(sides, metric, confidence) ?? unpairedRatio(a, b, confidence));
  }
  const pairs = a.map((value, index): [number, number] => [value, b[index] ?? NaN]);
  if (pool === null) return own(pairedRatio(pairs, confidence));
  const ratio = pooledRatio(pairs, pool, confidence);
  return ratio === null ? null : { ratio, variance: "pooled" };
}

/** Null where the runs are not of several blocks which both sides have. */
function ratioByBlocks({ base, other }: Sides, metric: string, confidence: number): Ratio | null {
  const [a, b] = [Map.groupBy(base, blockOf), Map.groupBy(other, blockOf)];
  const blocks = [...a].map(([block, runs]) => ({
    a: valuesOfRuns(runs, metric),
    b: valuesOfRuns(b.get(block) ?? [], metric),
  }));
  return a.has(null) || b.has(null) || a.size !== b.size ? null : blockedRatio(blocks, confidence);
}

/** The geometric mean of a side; of values that have none the mean. Null without any. */
export function middleOf(runs: readonly SampleRun[], metric: string): number | null {
  const values = valuesOfRuns(runs, metric);
  return values.length === 0 ? null : logInterval(values)?.mean ?? meanOf(values);
}

export function valuesOfRuns(runs: readonly SampleRun[], metric: string): number[] {
  return runs.flatMap((run) => valueOf(run, metric) ?? []);
}
