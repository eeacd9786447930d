import { binomialUpTo } from "./binomial.ts";

/** The ranks of sorted values, from 1, between which a percentile lies; null where there are too few to bound it. */
export interface QuantileRanks {
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
