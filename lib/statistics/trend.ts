import { tTwoSided } from "../base/student_t.ts";

/** Up to here every order of the values is counted; above, the normal distribution is close to it. */
const MOST_COUNTED = 50;

/** Whether values rise or fall with their position. */
export interface Trend {
  /** Kendall's tau, from -1 to 1; above 0 where they rise. With ties, tau-b. */
  readonly tau: number;
  /** Two-sided, of no trend. */
  readonly p: number;
}

/**
 * Kendall's rank test of values against their order, such as residuals against the index of the run: a machine that warms
 * up shows in it. Exact up to 50 values without ties, else normal with the variance that ties leave (Kendall, Rank
 * Correlation Methods). Null below three values and where all are equal.
 */
export function trendOf(values: readonly number[]): Trend | null {
  const n = values.length;
  if (n < 3) return null;
  let score = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) score += Math.sign((values[j] ?? NaN) - (values[i] ?? NaN));
  }
  const pairs = n * (n - 1) / 2;
  const ties = [...Map.groupBy(values, (value) => value).values()].map(({ length }) => length);
  const tied = ties.reduce((sum, t) => sum + t * (t - 1) / 2, 0);
  if (tied === pairs) return null;
  const tau = score / Math.sqrt(pairs * (pairs - tied));
  return { tau, p: tied === 0 && n <= MOST_COUNTED ? exactP(n, Math.abs(score)) : normalP(n, score, ties) };
}

/** The share of all orders of n values whose score is at least so far from 0. */
function exactP(n: number, score: number): number {
  const pairs = n * (n - 1) / 2;
  // Shares of orders by their number of inversions: each value adds from 0 to as many as stand before it.
  let shares = [1];
  for (let value = 2; value <= n; value++) {
    const next = new Array<number>(shares.length + value - 1).fill(0);
    shares.forEach((share, inversions) => {
      for (let added = 0; added < value; added++) {
        next[inversions + added] = (next[inversions + added] ?? 0) + share / value;
      }
    });
    shares = next;
  }
  return Math.min(1, 2 * shares.slice(0, (pairs - score) / 2 + 1).reduce((sum, share) => sum + share, 0));
}

function normalP(n: number, score: number, ties: readonly number[]): number {
  const of = (t: number): number => t * (t - 1) * (2 * t + 5);
  const variance = (of(n) - ties.reduce((sum, t) => sum + of(t), 0)) / 18;
  return tTwoSided(score / Math.sqrt(variance), Infinity);
}
