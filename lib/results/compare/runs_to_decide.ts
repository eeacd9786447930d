import { ONE_SAMPLE, pooledDesign, runsToDecide, TWO_SAMPLES } from "../../statistics/needed.ts";
import { FEWEST_RUNS, type RawRow } from "./compared_row.ts";
import type { Pool } from "./pool.ts";
import type { ComparedRow } from "./study_comparison.ts";

/** Each takes some milliseconds: of more undecided rows only those that are nearest to an answer are told. */
const MOST_TOLD = 200;
/** The chance of the answer, were ratio and spread what they now look like. */
const POWER = 0.8;

/**
 * How many cycles (between studies: runs of each side) would decide each undecided row, those made included; by row, and left out where
 * nobody can say.
 */
export function runsNeeded(
  rows: readonly (RawRow & { readonly judged: ComparedRow })[],
  { alpha, confidence, design, pools }: {
    /** Of the strictest of the adjusted tests. */
    readonly alpha: number;
    readonly confidence: number;
    readonly design: "paired" | "unpaired";
    readonly pools: ReadonlyMap<string, Pool | null>;
  },
): Map<ComparedRow, number> {
  const undecided = rows.filter(({ judged, ratio }) => judged.verdict === "undecided" && ratio !== null)
    .sort((a, b) => (a.judged.p ?? 1) - (b.judged.p ?? 1));
  return new Map(
    undecided.slice(0, MOST_TOLD).flatMap(({ judged, ratio }): [ComparedRow, number][] => {
      const { metric, variance, margin, common_error, n: [base, other] } = judged;
      const runs = Math.min(base, other);
      const planned = design === "unpaired"
        ? TWO_SAMPLES
        : variance === "pooled"
        ? pooledDesign(pools.get(metric)?.rows.size ?? 2)
        : ONE_SAMPLE;
      const needed = ratio === null
        ? null
        : runsToDecide({ ...ratio, common: common_error ?? 0 }, runs, planned, {
          margin,
          alpha,
          same_alpha: 1 - confidence,
          power: POWER,
        });
      // By chance it is undecided although that many should have decided: then some more do.
      return needed === null ? [] : [[judged, Math.max(needed, runs + 1, FEWEST_RUNS)]];
    }),
  );
}
