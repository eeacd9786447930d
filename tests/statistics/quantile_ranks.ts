/** Where a percentile lies by ranks, as a witness of the number of requests that a tail needs (lib/results/compare/tails.ts). */

/** The ranks of sorted values, from 1, between which a percentile lies; null where there are too few to bound it. */
interface QuantileRanks {
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * The order statistics of `n` independent values between which the quantile of `fraction` lies at the given confidence,
 * whatever the distribution (David and Nagaraja, Order Statistics, section 7.1). A bound that no value gives is null: above the
 * 99th percentile there is one from 368 values on. Requests of a run are not independent, so the interval is the least doubt.
 */
export function quantileRanks(n: number, fraction: number, confidence = 0.95): QuantileRanks {
  const tail = (1 - confidence) / 2;
  const below = binomialUpTo(n, fraction);
  // P(Bin <= l - 1) is at most the tail; P(Bin <= u - 1) is at least the rest.
  const low = below.findLastIndex((chance) => chance <= tail);
  const high = below.findIndex((chance) => chance >= 1 - tail);
  return { low: low < 0 ? null : low + 1, high: high < 0 || high + 1 > n ? null : high + 1 };
}

/** P(Bin(n, p) <= k) for k = 0 to n. Terms relative to the one at the mode, so that nothing under- or overflows. */
function binomialUpTo(n: number, p: number): number[] {
  const terms = new Array<number>(n + 1).fill(0);
  const mode = Math.min(n, Math.floor((n + 1) * p));
  terms[mode] = 1;
  for (let k = mode; k > 0; k--) terms[k - 1] = (terms[k] ?? 0) * k * (1 - p) / ((n - k + 1) * p);
  for (let k = mode; k < n; k++) terms[k + 1] = (terms[k] ?? 0) * (n - k) * p / ((k + 1) * (1 - p));
  const total = terms.reduce((sum, term) => sum + term, 0);
  let sum = 0;
  return terms.map((term) => (sum += term) / total);
}
