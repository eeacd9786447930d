import { logInterval } from "./log_interval.ts";

/** Of fewer values the interval's width is itself too much a matter of chance to stop by. */
const FEWEST_TO_STOP = 6;
/** One look may be narrow by luck; stopping at the first would cover the mean 92 % of the time instead of 95 %. */
const LOOKS_IN_A_ROW = 2;

/** What one look at the values so far showed. */
export interface WidthLook {
  /** Values so far. */
  readonly n: number;
  /** Half width of the 95 % interval of the geometric mean, as a share of it; null where there is none. */
  readonly half_width: number | null;
  readonly met: boolean;
}

/**
 * Whether the interval is as narrow as was asked for. `target`: its half width as a share, 0.02 for +-2 %. Only the width
 * counts: whoever stops at a difference finds one too often. Below `fewest` values no width is enough.
 */
export function lookAtWidth(
  values: readonly number[],
  target: number,
  fewest: number = FEWEST_TO_STOP,
): WidthLook {
  const n = values.length;
  const half_width = logInterval(values)?.relative ?? null;
  return { n, half_width, met: n >= fewest && half_width !== null && half_width <= target };
}

/** Whether to stop: the last two looks were both narrow enough. `looks`: whether each was, in order. */
export function mayStop(looks: readonly boolean[]): boolean {
  return looks.length >= LOOKS_IN_A_ROW && looks.slice(-LOOKS_IN_A_ROW).every((met) => met);
}

/** What may be claimed after stopping by width: not less than what was aimed at, however narrow chance made it. */
export function claimedWidth({ half_width }: Pick<WidthLook, "half_width">, target: number): number | null {
  return half_width === null ? null : Math.max(half_width, target);
}
