/** Whether a line of values over time rises or falls. */
import { tTwoSided } from "./student_t.ts";

/** One value of a time line. */
export interface Point {
  readonly t_ns: bigint;
  readonly value: number;
}

/** A line through a stretch of a time line. */
export interface Slope {
  /** What the line rises over the whole stretch, in the unit of the values. */
  readonly rise: number;
  /** The mean of the values, each stretch of equal length counting once. */
  readonly mean: number;
  /** The chance of such a slope, on either side, where there is none. */
  readonly p: number;
}

/**
 * So many means of equal stretches stand for the points. Neighbours in a time line are alike (a queue that is long stays
 * long for a while), which a t test on the points themselves would take for evidence of a slope.
 */
const BATCHES = 10;
/** Fewer stretches that hold a point say nothing. */
const FEWEST_BATCHES = 6;

/** The slope of the points from `fromNs` to `toNs`, by least squares and Student's t; null where they are too few. */
export function slopeOf(points: readonly Point[], fromNs: bigint, toNs: bigint): Slope | null {
  const means = batchMeans(points, fromNs, toNs);
  const n = means.length;
  if (n < FEWEST_BATCHES) return null;
  const meanX = means.reduce((sum, { x }) => sum + x, 0) / n;
  const mean = means.reduce((sum, { y }) => sum + y, 0) / n;
  let [xx, xy, yy] = [0, 0, 0];
  for (const { x, y } of means) {
    xx += (x - meanX) ** 2;
    xy += (x - meanX) * (y - mean);
    yy += (y - mean) ** 2;
  }
  const rise = xy / xx;
  const residual = Math.max(0, yy - rise * xy);
  const error = Math.sqrt(residual / (n - 2) / xx);
  // Values that are all the same have no slope; values on one line have one without a doubt.
  const p = rise === 0 ? 1 : tTwoSided(rise / error, n - 2);
  return { rise, mean, p };
}

/** Means of equal stretches at their middles, the whole being 0 ... 1. */
function batchMeans(
  points: readonly Point[],
  fromNs: bigint,
  toNs: bigint,
): { readonly x: number; readonly y: number }[] {
  const [counts, sums] = [new Array<number>(BATCHES).fill(0), new Array<number>(BATCHES).fill(0)];
  const lengthNs = Number(toNs - fromNs);
  for (const { t_ns, value } of points) {
    if (t_ns < fromNs || t_ns > toNs || lengthNs <= 0) continue;
    const batch = Math.min(BATCHES - 1, Math.floor(Number(t_ns - fromNs) / lengthNs * BATCHES));
    counts[batch] = (counts[batch] ?? 0) + 1;
    sums[batch] = (sums[batch] ?? 0) + value;
  }
  return counts.flatMap((count, batch) =>
    count === 0 ? [] : [{ x: (batch + 0.5) / BATCHES, y: (sums[batch] ?? 0) / count }]
  );
}

/** Below this chance a slope is taken for real. */
const MOST_P = 0.01;
/** A slope that changes less than this share of the mean over the stretch changes no result. */
const LEAST_SHARE = 0.1;

/** What a line does, as far as that matters. */
export type Trend = "flat" | "rising" | "falling";

/**
 * Whether a line rises or falls by enough to matter and clearly enough to believe; `least` is a rise that never matters, and
 * `share` one that does not, as a part of the mean.
 */
export function trendOf({ rise, mean, p }: Slope, least: number, share: number = LEAST_SHARE): Trend {
  const matters = Math.abs(rise) > Math.max(share * Math.abs(mean), least);
  if (p >= MOST_P || !matters) return "flat";
  return rise > 0 ? "rising" : "falling";
}
