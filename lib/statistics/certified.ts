/**
 * Percentiles that hold at 99 % confidence, by the rule of MLPerf's LoadGen (early_stopping.cc and results.cc, tolerance
 * 0). Requests are taken as independent, so how many of n lie above the true percentile is binomial. With t the largest
 * number for which "t or fewer above" has a probability of at most 1 %, the t-th largest latency is no less than the true
 * percentile. There has to be such a t of at least 1: from 64 requests for p90, 662 for p99, 6,636 for p99.9.
 */

const CONFIDENCE = 0.99;
/** Terms of the binomial distribution below this share of the largest one change nothing. */
const NEGLIGIBLE = 1e-20;

/**
 * The most requests of `n` that may miss a limit with the claim still proven that a share of at least `share` keeps it; -1
 * where even none proves it.
 */
export function mostMisses(n: number, share: number, confidence: number = CONFIDENCE): number {
  if (n === 0 || share >= 1) return -1;
  if (share <= 0) return n;
  const miss = 1 - share;
  const odds = miss / share;
  const mode = Math.min(n, Math.floor((n + 1) * miss));
  // Relative to the term at the mode, so that nothing under- or overflows; they are normalised by their sum.
  const below = [1];
  for (let k = mode; k > 0 && (below.at(-1) ?? 0) > NEGLIGIBLE; k--) {
    below.push((below.at(-1) ?? 0) * k / ((n - k + 1) * odds));
  }
  let above = 0;
  let term = 1;
  for (let k = mode; k < n && term > NEGLIGIBLE; k++) {
    term *= (n - k) * odds / (k + 1);
    above += term;
  }
  const ascending = below.toReversed();
  const total = ascending.reduce((sum, value) => sum + value, 0) + above;
  let misses = mode - ascending.length;
  let sum = 0;
  for (const value of ascending) {
    sum += value;
    if (sum / total > 1 - confidence) break;
    misses += 1;
  }
  return misses;
}

/** How many of the largest latencies the certified percentile may count away; null where there are too few requests. */
export function certifiedRank(n: number, fraction: number): number | null {
  const misses = mostMisses(n, fraction);
  return misses < 1 ? null : misses;
}
