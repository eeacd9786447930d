import { smallest } from "../base/numbers.ts";

/** Of fewer values, one normal distribution falls into two groups too often: 16 % of the time with five, 3 % with eight. */
const FEWEST = 8;
const FEWEST_IN_A_GROUP = 2;

/** Two groups into which values seem to fall. */
export interface TwoGroups {
  /** Between both: the middle of the gap, on logarithms. */
  readonly between: number;
  /** How many values lie on either side. */
  readonly sizes: readonly [low: number, high: number];
}

/**
 * A hint that values have two modes, as where a board has two clocks: the largest gap, on logarithms, is more than half of
 * the range, with two values or more on each side. Null where it is not, below eight values and where one is not positive.
 */
export function twoGroups(values: readonly number[]): TwoGroups | null {
  if (values.length < FEWEST || values.some((value) => !(value > 0))) return null;
  const logs = values.map(Math.log).sort((a, b) => a - b);
  const gaps = logs.slice(1).map((log, index) => log - (logs[index] ?? NaN));
  const low = gaps.reduce((best, gap, index) => gap > (gaps[best] ?? 0) ? index : best, 0) + 1;
  const sizes = [low, logs.length - low] as const;
  const range = (logs.at(-1) ?? 0) - (logs[0] ?? 0);
  if (smallest(sizes) < FEWEST_IN_A_GROUP || !((gaps[low - 1] ?? 0) > range / 2)) return null;
  return { between: Math.exp(((logs[low - 1] ?? 0) + (logs[low] ?? 0)) / 2), sizes };
}
