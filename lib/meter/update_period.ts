import { powerChangedRarely, powerUnreadable } from "./messages.ts";

/** A reading of the field of power. */
export interface PowerReading {
  readonly t_ns: number;
  readonly power_w: number;
}

/** Changes needed to tell the pace: fewer could be chance. */
const LEAST_CHANGES = 6;

/**
 * How often a sensor publishes a new value: the median time between changes of the field, from readings some 2 ms
 * apart over a second or more (R3 of the rules of measuring). A value that happens to come twice makes one gap longer,
 * which the median bears.
 */
export function updatePeriodMs(
  readings: readonly PowerReading[],
): { readonly period_ms: number } | { readonly reason: string } {
  if (readings.length < 2) return { reason: powerUnreadable() };
  const changes = readings.filter(({ power_w }, index) =>
    index > 0 && power_w !== readings[index - 1]?.power_w
  );
  if (changes.length < LEAST_CHANGES) return { reason: powerChangedRarely(changes.length) };
  const gapsNs = changes.slice(1).map(({ t_ns }, index) => t_ns - (changes[index]?.t_ns ?? t_ns));
  gapsNs.sort((one, other) => one - other);
  const middle = gapsNs.length >> 1;
  const medianNs = gapsNs.length % 2 === 1
    ? gapsNs[middle] ?? 0
    : ((gapsNs[middle - 1] ?? 0) + (gapsNs[middle] ?? 0)) / 2;
  return { period_ms: Math.round(medianNs / 1e5) / 10 };
}
