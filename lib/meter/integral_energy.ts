import { edgeErrorJ } from "./edge_error.ts";
import * as messages from "./messages.ts";
import type { MeterDevice } from "./meter.ts";
import type { DeviceRecording } from "./recording.ts";
import { secondsOf, type Stretch } from "./stretch.ts";

/** Energy from readings of power. Uncertainties are standard ones. */
export interface IntegralEnergy {
  readonly joules: number;
  /** Readings within the stretches. */
  readonly samples: number;
  readonly longest_gap_ms: number;
  /** True where a second was left out at both edges of every stretch, since a reading tells the average of a second. */
  readonly trimmed: boolean;
  readonly edges_j: number;
  /** The standard error of the mean power from the spread of independent readings, times the duration. */
  readonly sampling_j: number;
}

/** The averaging time of a reading that is not `instant`; where nobody tells it, we take the same. Source: nvml.h. */
export const AVERAGE_MS = 1000;

/** How far apart readings must be to tell of different times. */
export function readingSpanMs(device: MeterDevice, periodMs: number): number {
  return device.power === "instant" ? periodMs : Math.max(periodMs, AVERAGE_MS);
}

/** Joules over stretches (in order, apart from each other) by the trapezoid rule with exact edges, or why not. */
export function integralOver(
  { device, power }: DeviceRecording,
  stretches: readonly Stretch[],
  periodMs: number,
): IntegralEnergy | { readonly reason: string } {
  if (device.power === null) return { reason: messages.noPowerReadings() };
  const trimmed = device.power === "average_1s";
  const taken = trimmed ? stretches.map(trim) : stretches;
  const [firstNs, lastNs] = [power.firstNs ?? Infinity, power.lastNs ?? -Infinity];
  let [joules, square, samples, longestGapNs] = [0, 0, 0, 0];
  for (const [index, stretch] of stretches.entries()) {
    const { begin_ns, end_ns } = taken[index] ?? stretch;
    if (end_ns < begin_ns) {
      return { reason: messages.windowTooShortForAverage() };
    }
    // Held readings would be an invention here.
    if (lastNs < begin_ns || firstNs > end_ns) return { reason: messages.noPowerInWindow() };
    const scale = end_ns === begin_ns ? 0 : (stretch.end_ns - stretch.begin_ns) / (end_ns - begin_ns);
    joules += scale * (power.energyJ(begin_ns, end_ns) ?? 0);
    square += scale * (power.squareW2s(begin_ns, end_ns) ?? 0);
    samples += power.samplesIn(begin_ns, end_ns);
    longestGapNs = Math.max(longestGapNs, power.longestGapNs(begin_ns, end_ns));
  }
  const seconds = secondsOf(stretches);
  if (seconds <= 0) return { reason: messages.emptyWindow() };
  const spanMs = readingSpanMs(device, periodMs);
  const independent = Math.max(1, Math.min(samples, seconds * 1e3 / spanMs));
  const variance = Math.max(0, square / seconds - (joules / seconds) ** 2);
  return {
    joules,
    samples,
    longest_gap_ms: longestGapNs / 1e6,
    trimmed,
    edges_j: edgeErrorJ(power, stretches, spanMs, joules / seconds),
    sampling_j: Math.sqrt(variance / independent) * seconds,
  };
}

function trim({ begin_ns, end_ns }: Stretch): Stretch {
  return { begin_ns: begin_ns + AVERAGE_MS * 1e6, end_ns: end_ns - AVERAGE_MS * 1e6 };
}
