/** Percentiles of a latency over the requests of a run: of those that succeeded, of all, and certified. */
import { certifiedRank } from "./certified.ts";

const FRACTIONS = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, p99_9: 0.999 } as const;

/** `p99_9` is the 99.9th. */
export type PercentileName = keyof typeof FRACTIONS;
/** In the unit of the values; null where there is none. */
export type Percentiles = Readonly<Record<PercentileName, number | null>>;

/** In the unit of the values. JSON has no infinity: a percentile that falls among failed requests is null and named. */
export interface LatencyPercentiles {
  readonly succeeded: number;
  readonly failed: number;
  /** Of successes alone, interpolated between neighbours as all percentiles of llem; null where none succeeded. */
  readonly of_successes: Percentiles;
  /** A failed request counts as one that took for ever. */
  readonly of_all: Percentiles;
  /** The percentiles of all that fall among failed requests: infinite, not unknown. */
  readonly of_all_infinite: readonly PercentileName[];
  /** Bounds that the true percentile of all keeps at 99 % confidence. */
  readonly certified: Percentiles;
  readonly certified_infinite: readonly PercentileName[];
  /** Percentiles for which there are too few requests to certify anything. */
  readonly certified_too_few: readonly PercentileName[];
}

/** `latencies`: of the requests that succeeded; `failed`: how many did not. */
export function latencyPercentiles(latencies: readonly number[], failed: number): LatencyPercentiles {
  return percentilesOfSorted(new Float64Array(latencies).sort(), latencies.length, failed);
}

/**
 * The same of sorted latencies. Of `succeeded` requests they may be a random sample: then as large a share of the failed
 * ones counts with them.
 */
export function percentilesOfSorted(
  sorted: Float64Array,
  succeeded: number,
  failed: number,
): LatencyPercentiles {
  const n = sorted.length + (succeeded === 0 ? failed : Math.ceil(failed * sorted.length / succeeded));
  const ranks = percentiles((fraction) => certifiedRank(n, fraction));
  const ofAll = percentiles((fraction) => quantile(sorted, n, fraction));
  const certified = percentiles((_, name) => {
    const rank = ranks[name];
    return rank === null ? null : sorted[n - rank] ?? Infinity;
  });
  return {
    succeeded,
    failed,
    of_successes: percentiles((fraction) => quantile(sorted, sorted.length, fraction)),
    of_all: finite(ofAll),
    of_all_infinite: namesWhere((name) => ofAll[name] === Infinity),
    certified: finite(certified),
    certified_infinite: namesWhere((name) => certified[name] === Infinity),
    certified_too_few: namesWhere((name) => ranks[name] === null),
  };
}

/** Of `n` values of which those that are not in `sorted` are infinite, interpolated linearly; null of none. */
function quantile(sorted: Float64Array, n: number, fraction: number): number | null {
  if (n === 0) return null;
  const rank = (n - 1) * fraction;
  const below = sorted[Math.floor(rank)] ?? Infinity;
  const above = sorted[Math.ceil(rank)] ?? Infinity;
  const share = rank - Math.floor(rank);
  if (share === 0 || below === Infinity) return below;
  return above === Infinity ? Infinity : below + (above - below) * share;
}

function percentiles(of: (fraction: number, name: PercentileName) => number | null): Percentiles {
  return {
    p50: of(FRACTIONS.p50, "p50"),
    p90: of(FRACTIONS.p90, "p90"),
    p95: of(FRACTIONS.p95, "p95"),
    p99: of(FRACTIONS.p99, "p99"),
    p99_9: of(FRACTIONS.p99_9, "p99_9"),
  };
}

function finite(values: Percentiles): Percentiles {
  return percentiles((_, name) => values[name] === Infinity ? null : values[name]);
}

const NAMES: readonly PercentileName[] = ["p50", "p90", "p95", "p99", "p99_9"];

function namesWhere(holds: (name: PercentileName) => boolean): PercentileName[] {
  return NAMES.filter(holds);
}
