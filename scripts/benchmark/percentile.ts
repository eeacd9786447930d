/** The smallest value that so many percent of the values do not exceed (nearest rank). Throws where there is none. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const found = sorted[Math.max(0, Math.ceil(sorted.length * percent / 100) - 1)];
  if (found === undefined) throw new RangeError("Cannot take a percentile of no values");
  return found;
}
