/** A stretch of time on CLOCK_MONOTONIC, in nanoseconds. */
export interface Stretch {
  readonly begin_ns: number;
  readonly end_ns: number;
}

/** How long stretches are together; they must not overlap. */
export function secondsOf(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, { begin_ns, end_ns }) => sum + (end_ns - begin_ns), 0) / 1e9;
}

/** Whether something that was there from `firstNs` to `lastNs` was there during any of the stretches. */
export function touches(stretches: readonly Stretch[], firstNs: number, lastNs: number): boolean {
  return stretches.some(({ begin_ns, end_ns }) => firstNs <= end_ns && lastNs >= begin_ns);
}

/** From the begin of the first to the end of the last, gaps between them included; null where there is none. */
export function hullOf(stretches: readonly Stretch[]): Stretch | null {
  const [first, last] = [stretches[0], stretches.at(-1)];
  return first === undefined || last === undefined ? null : { begin_ns: first.begin_ns, end_ns: last.end_ns };
}
