import type { Quantiles } from "../../../../archive/report/run_details.ts";

/**
 * The distribution of the requests of several runs together, from the points of those of each: the share of all requests that are at
 * most so long is the mean of the runs' shares, weighted by their requests. Has the shares of the run with the most points.
 */
export function pooledQuantiles(runs: readonly Quantiles[]): Quantiles {
  const n = runs.reduce((sum, run) => sum + run.n, 0);
  const values = [...new Set(runs.flatMap(({ values }) => values))].sort((a, b) => a - b);
  const pooled = values.map((value) => runs.reduce((sum, run) => sum + run.n * shareAt(run, value), 0) / n);
  const longest = runs.toSorted((a, b) => b.shares.length - a.shares.length)[0];
  const shares = longest?.shares ?? [];
  return { n, shares, values: shares.map((share) => valueAt(values, pooled, share)), source: "requests" };
}

/** The share of a run's requests that are at most so long, in a straight line between two points. */
function shareAt({ shares, values }: Quantiles, value: number): number {
  // Of several equal values the last one counts.
  const after = values.findIndex((each) => each > value);
  if (after === -1) return 1;
  const [right, to] = [shares[after] ?? 1, values[after] ?? NaN];
  const [left, from] = [shares[after - 1], values[after - 1]];
  if (left === undefined || from === undefined) return 0;
  return left + (right - left) * (value - from) / (to - from);
}

function valueAt(values: readonly number[], shares: readonly number[], share: number): number {
  const after = shares.findIndex((each) => each >= share);
  const [to, right] = [values[after] ?? values.at(-1) ?? NaN, shares[after] ?? 1];
  const [from, left] = [values[after - 1], shares[after - 1]];
  if (from === undefined || left === undefined || right === left) return to;
  return from + (to - from) * (share - left) / (right - left);
}
