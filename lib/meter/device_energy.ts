import { counterOver } from "./counter_energy.ts";
import { integralOver } from "./integral_energy.ts";
import { counterDidNotAdvance, counterImplausible, counterResetDuringRun } from "./messages.ts";
import { type BothMeters, meterDoubts, meterFault } from "./meter_fault.ts";
import type { DeviceRecording } from "./recording.ts";
import type { Stretch } from "./stretch.ts";

/** Which of the two meters of a device is believed. */
export type EnergySource = "counter" | "integral";

/** The energy of one device over stretches of time by both its meters. Uncertainties are standard ones (k = 1). */
export interface DeviceEnergy {
  readonly source: EnergySource | null;
  /** That of the source; null where neither meter tells. */
  readonly joules: number | null;
  readonly counter_j: number | null;
  readonly counter_reason: string | null;
  readonly integral_j: number | null;
  readonly integral_reason: string | null;
  /** Counter over integral. */
  readonly ratio: number | null;
  /** Why the counter is not the source although it gave a number. */
  readonly counter_refused: string | null;
  readonly samples: number;
  readonly longest_gap_ms: number | null;
  readonly trimmed: boolean;
  readonly correction_j: number | null;
  readonly edges_j: number | null;
  /** Null where the counter is the source: it does not sample. */
  readonly sampling_j: number | null;
  /** Null where only one meter tells. */
  readonly disagreement_j: number | null;
  /** Why no number of this device is to be believed; null where there is no such reason. */
  readonly fault: string | null;
  /** Why its number is less certain than it looks. */
  readonly doubts: readonly string[];
}

/** A counter further from the integral than this is broken. Source: AMD's counters that are (measurement.md 3.7). */
export const PLAUSIBLE_RATIO = { least: 0.7, most: 1.3 } as const;

/** Rule R1: the counter where it advanced and is plausible, else the integral; both are told. */
export function deviceEnergy(
  recording: DeviceRecording,
  stretches: readonly Stretch[],
  periodMs: number,
  counterBegan = false,
): DeviceEnergy {
  const counter = counterBegan
    ? { reason: counterResetDuringRun() }
    : counterOver(recording, stretches, periodMs);
  const integral = integralOver(recording, stretches, periodMs);
  const counted = "reason" in counter ? null : counter;
  const integrated = "reason" in integral ? null : integral;
  const ratio = counted === null || integrated === null || integrated.joules <= 0
    ? null
    : counted.joules / integrated.joules;
  const refused = counted === null ? null : whyRefused(counted.joules, ratio);
  const source = counted !== null && refused === null ? "counter" : integrated !== null ? "integral" : null;
  const both: BothMeters = {
    counter_j: counted?.joules ?? null,
    counter_reason: "reason" in counter ? counter.reason : null,
    integral_j: integrated?.joules ?? null,
    integral_reason: "reason" in integral ? integral.reason : null,
  };
  const used = source === "counter" ? counted : source === "integral" ? integrated : null;
  return {
    source,
    joules: used?.joules ?? null,
    ...both,
    ratio,
    counter_refused: refused,
    samples: integrated?.samples ?? 0,
    longest_gap_ms: integrated?.longest_gap_ms ?? null,
    trimmed: integrated?.trimmed ?? false,
    correction_j: counted?.correction_j ?? null,
    edges_j: used === null
      ? null
      : Math.hypot(used.edges_j, source === "counter" ? counted?.correction_sd_j ?? 0 : 0),
    sampling_j: source === "integral" ? integrated?.sampling_j ?? null : null,
    disagreement_j: disagreementJ(both.counter_j, both.integral_j),
    fault: meterFault(recording, stretches, both, counterBegan),
    doubts: meterDoubts(recording, stretches, both),
  };
}

function whyRefused(joules: number, ratio: number | null): string | null {
  if (joules <= 0) return counterDidNotAdvance();
  if (ratio === null) return null;
  const { least, most } = PLAUSIBLE_RATIO;
  return ratio >= least && ratio <= most ? null : counterImplausible(ratio);
}

/** Beyond the plausible, one of the two is broken: how far off it is then says nothing more. */
function disagreementJ(counterJ: number | null, integralJ: number | null): number | null {
  if (counterJ === null || integralJ === null || counterJ <= 0) return null;
  const most = (PLAUSIBLE_RATIO.most - 1) * Math.abs(integralJ);
  return Math.min(Math.abs(counterJ - integralJ), most) / Math.sqrt(3);
}
