import { counterOver } from "../../meter/counter_energy.ts";
import { integralOver } from "../../meter/integral_energy.ts";
import { secondsOf, type Stretch } from "../../meter/stretch.ts";
import { COVERAGE } from "./budget.ts";
import { counterBeganAnew, type MeasuredDevice } from "./device.ts";
import type { EnergyFacts } from "./facts.ts";
import * as messages from "./messages.ts";
import type { PhaseEnergy } from "./record.ts";
import { LOST_SHARE, SHORTEST_PERIODS, SWALLOWED } from "./rules.ts";
import { stretchesOf } from "./window.ts";
import type { Phase } from "../phases.ts";

/** A worker may invent names: more are not told. */
const MAX_NAMES = 50;

/** The energy of every phase but `measure`, on the devices of the headline. `blocked`: why none can be told. */
export function phaseEnergies(
  phases: readonly Phase[],
  devices: readonly MeasuredDevice[],
  facts: EnergyFacts,
  blocked: string | null,
): PhaseEnergy[] {
  const groups = [...Map.groupBy(phases, (phase) => phase.name)].filter(([name]) => name !== "measure");
  return groups.slice(0, MAX_NAMES).map(([name, group]) => {
    const stretches = stretchesOf(group, name);
    const seconds = secondsOf(stretches);
    const found = blocked === null ? energyOfPhase(stretches, seconds, devices, facts) : { reason: blocked };
    const known = "reason" in found ? null : found;
    return {
      name,
      windows: stretches.length,
      seconds,
      joules: known?.joules ?? null,
      uncertainty_j: known?.uncertainty_j ?? null,
      avg_power_w: known === null ? null : known.joules / seconds,
      reason: "reason" in found ? messages.notResolvable(found.reason) : null,
    };
  });
}

interface Found {
  readonly joules: number;
  readonly uncertainty_j: number;
}

function energyOfPhase(
  stretches: readonly Stretch[],
  seconds: number,
  devices: readonly MeasuredDevice[],
  facts: EnergyFacts,
): Found | { readonly reason: string } {
  if (stretches.length === 0) return { reason: messages.phaseNotEnded() };
  const periodMs = devices.reduce((most, { period_ms }) => Math.max(most, period_ms), 0);
  if (seconds < SHORTEST_PERIODS * periodMs / 1e3) {
    return { reason: messages.phaseTooShort(SHORTEST_PERIODS) };
  }
  if (stretches.some(({ begin_ns, end_ns }) => end_ns - begin_ns < periodMs * 1e6)) {
    return { reason: messages.phaseWindowTooShort(periodMs) };
  }
  let [joules, variance] = [0, 0];
  for (const device of devices) {
    const found = ofDevice(device, stretches, seconds, facts);
    if ("reason" in found) return found;
    joules += found.joules;
    variance += found.variance;
  }
  const uncertainty_j = COVERAGE * Math.sqrt(variance);
  return uncertainty_j > LOST_SHARE * joules
    ? { reason: messages.phaseUncertain(LOST_SHARE) }
    : { joules, uncertainty_j };
}

/** By the readings of power where they are prompt: the counter is read once a second, most phases are shorter. */
function ofDevice(
  { recording, period_ms, energy }: MeasuredDevice,
  stretches: readonly Stretch[],
  seconds: number,
  facts: EnergyFacts,
): { readonly joules: number; readonly variance: number } | { readonly reason: string } {
  const { device } = recording;
  const counterIsGood = energy.counter_refused === null && !counterBeganAnew(device.uuid, facts);
  if (device.power !== "instant" && device.counter && counterIsGood) {
    const counted = counterOver(recording, stretches, period_ms);
    if ("reason" in counted) return counted;
    return { joules: counted.joules, variance: counted.edges_j ** 2 + counted.correction_sd_j ** 2 };
  }
  const integrated = integralOver(recording, stretches, period_ms);
  if ("reason" in integrated) return integrated;
  const gapS = integrated.longest_gap_ms / 1e3;
  if (gapS > SWALLOWED * seconds) return { reason: messages.phaseGap(gapS) };
  return { joules: integrated.joules, variance: integrated.edges_j ** 2 + integrated.sampling_j ** 2 };
}
