/** A quantile of sorted values, interpolated linearly between order statistics (numpy's default); NaN of no values. */
export function quantileOfSorted(sorted: Float64Array, fraction: number): number {
  const rank = (sorted.length - 1) * fraction;
  const below = sorted[Math.floor(rank)] ?? NaN;
  const above = sorted[Math.ceil(rank)] ?? NaN;
  const share = rank - Math.floor(rank);
  const distance = above - below;
  return Number.isFinite(distance) ? below + distance * share : below * (1 - share) + above * share;
}

/** The middle value, of an even number the mean of both in the middle; NaN of no values. */
export function median(values: readonly number[]): number {
  const [a = NaN, b = NaN, c = NaN] = values;
  // Most studies have three cycles.
  if (values.length === 3) return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  return quantileOfSorted(new Float64Array(values).sort(), 0.5);
}
