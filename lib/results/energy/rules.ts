/** The numbers by which energy is judged. R1 ... R20 are those of reference/measurement.md, 2.2. */

/** R20: a window shorter than update period + rise + fall says nothing; each of the three is a period at most. */
export const SHORTEST_PERIODS = 3;
/** R4: from here on an edge costs a per cent at a period of 100 ms. */
export const SOLID_WINDOW_S = 10;
/** R1: counter and integral further apart than this over a solid window are remarked on. */
export const APART = 0.03;
/** R7: a gap longer than this many periods is a hole in the readings. */
export const GAP_PERIODS = 3;
/** Readings are 50 ms apart (R3), so a fast sensor is not read faster: holes are judged as if by this period. */
export const LEAST_GAP_PERIOD_MS = 100;
/** A hole over this share of the window leaves nothing to integrate. */
export const SWALLOWED = 0.5;
/** Expanded uncertainty over the headline: the best verdict ends at the first, all of them at the second. */
export const MARGINAL_SHARE = 0.05;
export const LOST_SHARE = 0.5;
/** R10: idle before and after further apart than either of these has drifted. */
export const DRIFT_SHARE = 0.05;
export const DRIFT_W = 3;

/** The longest gap (ms) that is no hole. */
export function longestGapMs(periodMs: number): number {
  return GAP_PERIODS * Math.max(periodMs, LEAST_GAP_PERIOD_MS);
}

/** A context of a GPU alone takes more memory than this on its board. What drivers take and return by themselves is less. */
export const LEAST_RISE_MIB = 64;
