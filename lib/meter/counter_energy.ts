import { edgeErrorJ } from "./edge_error.ts";
import * as messages from "./messages.ts";
import type { PowerCurve } from "./power_curve.ts";
import type { CounterSample, DeviceRecording } from "./recording.ts";
import { hullOf, secondsOf, type Stretch } from "./stretch.ts";

/** Energy from a counter. Uncertainties are standard ones. */
export interface CounterEnergy {
  readonly joules: number;
  /** What was added or taken away to come from the moments of the readings to the edges, sizes summed. */
  readonly correction_j: number;
  readonly correction_sd_j: number;
  readonly edges_j: number;
}

/** A counter is read at edges and once a second: a reading further away than this is of something else. */
const MAX_OFFSET_NS = 2e9;
/** Power may be off by this against the counter before one of them is disbelieved (see device_energy.ts). */
const MOST_POWER_ERROR = 0.3;
/** What they differ by is known where they were compared over this long; better than this nobody knows power. */
const COMPARED_NS = 10e9;
const LEAST_POWER_ERROR = 0.03;

interface At {
  readonly joules: number;
  readonly correction_j: number;
  readonly error_j: number;
}

/** Joules over stretches (in order, apart from each other) as the counter tells, or why not. */
export function counterOver(
  { device, power, counters }: DeviceRecording,
  stretches: readonly Stretch[],
  periodMs: number,
): CounterEnergy | { readonly reason: string } {
  if (!device.counter) return { reason: messages.noEnergyCounter() };
  const known = counters.filter((sample): sample is Known => sample.energy_j !== null);
  const curve = power.firstNs === null || device.power !== "instant" ? null : power;
  const powerError = powerErrorOf(known, curve, hullOf(stretches));
  let [joules, correction, error] = [0, 0, 0];
  for (const { begin_ns, end_ns } of stretches) {
    const [begin, end] = [
      valueAt(known, curve, begin_ns, powerError),
      valueAt(known, curve, end_ns, powerError),
    ];
    if (begin === null || end === null) {
      return { reason: messages.counterNotReadAtEdge() };
    }
    if (fellWithin(known, begin_ns, end_ns)) return { reason: messages.counterResetInWindow() };
    joules += end.joules - begin.joules;
    correction += begin.correction_j + end.correction_j;
    error += begin.error_j + end.error_j;
  }
  const seconds = secondsOf(stretches);
  if (seconds <= 0) return { reason: messages.emptyWindow() };
  return {
    joules,
    correction_j: correction,
    // Wrong by at most `error`, anything up to there equally likely.
    correction_sd_j: error / Math.sqrt(3),
    edges_j: edgeErrorJ(curve, stretches, periodMs, joules / seconds),
  };
}

type Known = CounterSample & { readonly energy_j: number };

/**
 * The counter at a moment: its nearest reading, brought there by the power of the curve; without a curve on the straight line
 * between the readings on both sides.
 */
function valueAt(
  samples: readonly Known[],
  curve: PowerCurve | null,
  tNs: number,
  powerError: number,
): At | null {
  const after = firstAtOrAfter(samples, tNs);
  const [before, next] = [samples[after - 1], samples[after]];
  const nearest = isNearer(before, next, tNs) ? before : next;
  if (nearest === undefined || Math.abs(nearest.t_ns - tNs) > MAX_OFFSET_NS) return null;
  const moved = curve === null ? null : signedJ(curve, nearest.t_ns, tNs);
  if (moved !== null) {
    return {
      joules: nearest.energy_j + moved,
      correction_j: Math.abs(moved),
      error_j: powerError * Math.abs(moved),
    };
  }
  if (nearest.t_ns === tNs) return { joules: nearest.energy_j, correction_j: 0, error_j: 0 };
  if (before === undefined || next === undefined) return null;
  const share = (tNs - before.t_ns) / (next.t_ns - before.t_ns);
  const joules = before.energy_j + (next.energy_j - before.energy_j) * share;
  const correction = Math.abs(joules - nearest.energy_j);
  return { joules, correction_j: correction, error_j: correction };
}

/** By which share the curve may be off: what it and the counter differ by over all of the window. */
function powerErrorOf(samples: readonly Known[], curve: PowerCurve | null, hull: Stretch | null): number {
  if (curve === null || hull === null) return MOST_POWER_ERROR;
  const first = samples[Math.max(0, firstAtOrAfter(samples, hull.begin_ns) - 1)];
  const last = samples[Math.min(samples.length - 1, firstAtOrAfter(samples, hull.end_ns))];
  if (first === undefined || last === undefined || last.t_ns - first.t_ns < COMPARED_NS) {
    return MOST_POWER_ERROR;
  }
  const integrated = curve.energyJ(first.t_ns, last.t_ns) ?? 0;
  if (integrated <= 0) return MOST_POWER_ERROR;
  const apart = Math.abs((last.energy_j - first.energy_j) / integrated - 1);
  return Math.min(MOST_POWER_ERROR, Math.max(LEAST_POWER_ERROR, apart));
}

function isNearer(before: Known | undefined, next: Known | undefined, tNs: number): boolean {
  if (before === undefined) return false;
  return next === undefined || tNs - before.t_ns < next.t_ns - tNs;
}

function signedJ(curve: PowerCurve, fromNs: number, toNs: number): number | null {
  const joules = curve.energyJ(Math.min(fromNs, toNs), Math.max(fromNs, toNs));
  return joules === null ? null : Math.sign(toNs - fromNs) * joules;
}

function fellWithin(samples: readonly Known[], beginNs: number, endNs: number): boolean {
  const from = Math.max(0, firstAtOrAfter(samples, beginNs) - 1);
  for (let index = from + 1; index < samples.length; index++) {
    const [before, sample] = [samples[index - 1], samples[index]];
    if (before === undefined || sample === undefined || before.t_ns > endNs) return false;
    if (sample.energy_j < before.energy_j) return true;
  }
  return false;
}

/** The place of the first sample at or after a moment. Samples are in the order of time. */
export function firstAtOrAfter(samples: readonly { readonly t_ns: number }[], tNs: number): number {
  let low = 0;
  let high = samples.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((samples[middle]?.t_ns ?? Infinity) < tNs) low = middle + 1;
    else high = middle;
  }
  return low;
}
