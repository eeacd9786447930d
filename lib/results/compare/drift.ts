import { meanOf } from "../../statistics/moments.ts";
import { trendOf } from "../../statistics/trend.ts";
import { type Sample, valueOf } from "./samples.ts";

/** Kendall's test looks at every two runs: of more than this many, evenly chosen ones are looked at. */
const MOST_RUNS = 1_000;

/**
 * Whether the runs of a study get slower or faster with their place in its order: the distance of each from the mean of its
 * row, on logarithms. Null where too few runs tell.
 */
export function driftOf(
  samples: readonly Sample[],
  metric: string,
): { readonly tau: number; readonly p: number } | null {
  const residuals = samples.flatMap(({ runs }) => {
    const known = runs.flatMap((run): { index: number; log: number }[] => {
      const value = valueOf(run, metric);
      return value !== null && value > 0 ? [{ index: run.index, log: Math.log(value) }] : [];
    });
    const mean = meanOf(known.map(({ log }) => log));
    return known.length < 2 ? [] : known.map(({ index, log }) => ({ index, residual: log - mean }));
  });
  const step = Math.ceil(residuals.length / MOST_RUNS);
  const inOrder = residuals.sort((a, b) => a.index - b.index).filter((_, place) => place % step === 0);
  return trendOf(inOrder.map(({ residual }) => residual));
}
