import { firstAtOrAfter } from "./counter_energy.ts";
import {
  counterAboveAnyBoard,
  counterNotUsable,
  counterStoodStill,
  counterWentBack,
  impossibleReadings,
  powerNotUsable,
  someImpossibleReadings,
} from "./messages.ts";
import { MOST_BOARD_W } from "./plausible.ts";
import type { DeviceRecording } from "./recording.ts";
import { hullOf, secondsOf, type Stretch } from "./stretch.ts";

/** More impossible readings than this share of all: what is left of them is not to be believed either. */
const MOST_IMPOSSIBLE = 0.1;
/** A counter that stands still that long under power is stuck; boards publish theirs at least once a second. */
const STUCK_S = 5;
/** In a shorter window a counter may advance by nothing. */
const LEAST_STUCK_S = 1;
/** Below that a board may be asleep. */
const AWAKE_W = 1;

/** What both meters of a device gave over a window; null for one that gave no number. */
export interface BothMeters {
  readonly counter_j: number | null;
  readonly counter_reason: string | null;
  readonly integral_j: number | null;
  readonly integral_reason: string | null;
}

/**
 * Why nothing that a device's meters say of a window is to be believed: impossible readings, or two meters of which one
 * must be broken. Null where there is nothing such. `wentBack`: its counter was seen to go back.
 */
export function meterFault(
  recording: DeviceRecording,
  stretches: readonly Stretch[],
  { counter_j, integral_j }: BothMeters,
  wentBack: boolean,
): string | null {
  const { device: { uuid }, power } = recording;
  const hull = hullOf(stretches);
  if (hull === null) return null;
  const { n, all, watts } = impossibleIn(recording, hull);
  if (n > MOST_IMPOSSIBLE * all) return impossibleReadings(uuid, watts, n, all);
  if (wentBack || fellIn(recording, hull)) return counterWentBack(uuid);
  const seconds = secondsOf(stretches);
  if (counter_j !== null && counter_j > MOST_BOARD_W * seconds) {
    return counterAboveAnyBoard(uuid, counter_j / seconds);
  }
  const meanW = (integral_j ?? 0) / seconds;
  const stands = counter_j !== null && counter_j <= 0 && seconds >= LEAST_STUCK_S && meanW >= AWAKE_W
    ? { seconds, watts: meanW }
    : stuckIn(recording, hull);
  return stands === null || power.firstNs === null ? null : counterStoodStill(uuid, stands);
}

/** Why the number of a device is less certain than its meters say. */
export function meterDoubts(
  recording: DeviceRecording,
  stretches: readonly Stretch[],
  { counter_reason, integral_reason }: BothMeters,
): string[] {
  const { device } = recording;
  const hull = hullOf(stretches);
  if (hull === null || device.kind !== "gpu") return [];
  const { n, all, watts } = impossibleIn(recording, hull);
  return [
    n > 0 ? someImpossibleReadings(device.uuid, watts, n, all) : null,
    device.counter && counter_reason !== null ? counterNotUsable(device.uuid, counter_reason) : null,
    device.power !== null && integral_reason !== null ? powerNotUsable(device.uuid, integral_reason) : null,
  ].filter((doubt) => doubt !== null);
}

function impossibleIn(
  { impossible, power }: DeviceRecording,
  { begin_ns, end_ns }: Stretch,
): { readonly n: number; readonly all: number; readonly watts: number } {
  const n = impossible?.samplesIn(begin_ns, end_ns) ?? 0;
  const watts = impossible?.powerAt(begin_ns) ?? 0;
  return { n, all: n + power.samplesIn(begin_ns, end_ns), watts };
}

function fellIn({ counters }: DeviceRecording, { begin_ns, end_ns }: Stretch): boolean {
  let before = -Infinity;
  for (let index = Math.max(0, firstAtOrAfter(counters, begin_ns) - 1); index < counters.length; index++) {
    const sample = counters[index];
    if (sample === undefined || sample.t_ns > end_ns) return false;
    if (sample.energy_j === null) continue;
    if (sample.energy_j < before) return true;
    before = sample.energy_j;
  }
  return false;
}

/** The first stretch of the window in which the counter stood still for too long while the board drew power. */
function stuckIn(
  { counters, power }: DeviceRecording,
  { begin_ns, end_ns }: Stretch,
): { readonly seconds: number; readonly watts: number } | null {
  let [sinceNs, joules] = [NaN, NaN];
  let stuck: { readonly seconds: number; readonly watts: number } | null = null;
  for (let index = firstAtOrAfter(counters, begin_ns); index < counters.length; index++) {
    const sample = counters[index];
    if (sample === undefined || sample.t_ns > end_ns) return stuck;
    if (sample.energy_j === null) continue;
    if (sample.energy_j !== joules && stuck !== null) return stuck;
    if (sample.energy_j !== joules) [sinceNs, joules] = [sample.t_ns, sample.energy_j];
    const seconds = (sample.t_ns - sinceNs) / 1e9;
    if (seconds < STUCK_S) continue;
    const watts = (power.energyJ(sinceNs, sample.t_ns) ?? 0) / seconds;
    if (watts >= AWAKE_W) stuck = { seconds, watts };
  }
  return stuck;
}
