import { quantileOfSorted } from "../../../../lib/base/quantile.ts";

/** Delays of the client's own, in milliseconds; each null where there was none to see. */
export interface Delays {
  readonly p50_ms: number | null;
  readonly p99_ms: number | null;
  readonly max_ms: number | null;
}

/** Of delays in any order. */
export function delaysOf(ms: Iterable<number>): Delays {
  const sorted = Float64Array.from(ms).sort();
  const at = (fraction: number): number | null =>
    sorted.length === 0 ? null : quantileOfSorted(sorted, fraction);
  return { p50_ms: at(0.5), p99_ms: at(0.99), max_ms: at(1) };
}
