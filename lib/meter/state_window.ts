import type { StateSample } from "./recording.ts";
import { hullOf, type Stretch, touches } from "./stretch.ts";

/** How a device stood over stretches of time; null is what nothing tells. */
export interface StateWindow {
  /** At the begin of the first stretch and the end of the last: the reading nearest to it. */
  readonly start_c: number | null;
  readonly end_c: number | null;
  readonly max_c: number | null;
  readonly sm_clock_mhz: { readonly mean: number; readonly min: number } | null;
  readonly memory_clock_mhz: { readonly mean: number; readonly min: number } | null;
  /** The limits that were in force, each once, in the order of their first sight. */
  readonly power_limits_w: readonly number[];
}

/** Limits closer than this are one limit: drivers round. */
const SAME_LIMIT_W = 0.5;
/** A temperature read further away than this from an edge is not that of the edge. */
const NEAR_NS = 5e9;

export function stateWindow(states: readonly StateSample[], stretches: readonly Stretch[]): StateWindow {
  const hull = hullOf(stretches);
  const within = states.filter(({ t_ns }) => touches(stretches, t_ns, t_ns));
  const start = hull === null ? null : temperatureNear(states, hull.begin_ns);
  const end = hull === null ? null : temperatureNear(states, hull.end_ns);
  const seen = [start, end, ...within.map((state) => state.temperature_c)].filter((c) => c !== null);
  return {
    start_c: start,
    end_c: end,
    max_c: seen.length === 0 ? null : seen.reduce((most, c) => Math.max(most, c)),
    sm_clock_mhz: meanAndMin(within.map((state) => state.sm_clock_mhz)),
    memory_clock_mhz: meanAndMin(within.map((state) => state.memory_clock_mhz)),
    power_limits_w: distinctLimits(within.map((state) => state.power_limit_w)),
  };
}

function temperatureNear(states: readonly StateSample[], tNs: number): number | null {
  let [nearest, found]: [number, number | null] = [NEAR_NS, null];
  for (const { t_ns, temperature_c } of states) {
    const away = Math.abs(t_ns - tNs);
    if (temperature_c !== null && away <= nearest) [nearest, found] = [away, temperature_c];
  }
  return found;
}

function meanAndMin(values: readonly (number | null)[]): { mean: number; min: number } | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return { mean, min: known.reduce((least, value) => Math.min(least, value)) };
}

function distinctLimits(values: readonly (number | null)[]): number[] {
  const found: number[] = [];
  for (const value of values) {
    if (value !== null && !found.some((other) => Math.abs(other - value) <= SAME_LIMIT_W)) found.push(value);
  }
  return found;
}
