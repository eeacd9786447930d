import { type DeviceEnergy, deviceEnergy } from "../../meter/device_energy.ts";
import type { MeterDevice } from "../../meter/meter.ts";
import type { DeviceRecording } from "../../meter/recording.ts";
import { secondsOf, type Stretch } from "../../meter/stretch.ts";
import type { EnergyFacts } from "./facts.ts";
import { counterNote, counterRejectedNote, integralNote } from "./messages.ts";
import type { DeviceRow, EnergyMethod } from "./record.ts";

/** A device with what it drew in the window. */
export interface MeasuredDevice {
  readonly recording: DeviceRecording;
  readonly period_ms: number;
  readonly energy: DeviceEnergy;
  readonly row: DeviceRow;
}

/** Update periods of sensors where no calibration tells. Sources: measurement.md 2.1 (boards), 3.6 (RAPL). */
const ASSUMED_PERIOD_MS = { gpu: 100, cpu: 1, dram: 1 } as const;

export function measureDevice(
  recording: DeviceRecording,
  stretches: readonly Stretch[],
  facts: EnergyFacts,
): MeasuredDevice {
  const { device } = recording;
  const period_ms = periodOf(device, facts);
  const energy = deviceEnergy(recording, stretches, period_ms, counterBeganAnew(device.uuid, facts));
  const seconds = secondsOf(stretches);
  const row: DeviceRow = {
    uuid: device.uuid,
    name: device.name,
    source: energy.source,
    joules: energy.joules,
    counter_j: energy.counter_j,
    integral_j: energy.integral_j,
    ratio: energy.ratio,
    notes: notesOf(energy),
    avg_power_w: energy.joules === null ? null : energy.joules / seconds,
    samples: energy.samples,
    longest_gap_ms: energy.longest_gap_ms,
    power: device.power,
    trimmed: energy.trimmed,
    update_period_ms: period_ms,
    update_period_from: facts.update_period_ms.has(device.uuid) ? "calibration" : "assumed",
    correction_j: energy.correction_j,
  };
  return { recording, period_ms, energy, row };
}

export function periodOf(device: MeterDevice, facts: EnergyFacts): number {
  return facts.update_period_ms.get(device.uuid) ?? ASSUMED_PERIOD_MS[device.kind];
}

/** Nobody tells when it did, so the counter is not believed at all. */
export function counterBeganAnew(uuid: string, { recording }: EnergyFacts): boolean {
  return recording.troubles.some(({ code, device }) => code === "reset" && device === uuid);
}

function notesOf(energy: DeviceEnergy): string[] {
  return [
    energy.counter_reason === null ? null : counterNote(energy.counter_reason),
    energy.counter_refused === null ? null : counterRejectedNote(energy.counter_refused),
    energy.integral_reason === null ? null : integralNote(energy.integral_reason),
  ].filter((note) => note !== null);
}

/** The word for where a sum comes from; null where a device of it has no number. */
export function methodOf(devices: readonly MeasuredDevice[]): EnergyMethod | null {
  const methods = new Set(
    devices.map(({ recording: { device: { meter } }, energy: { source } }) =>
      source === null ? null : meter === "rapl" ? "rapl" : `${meter}_${source}` as const
    ),
  );
  const [only = null] = methods;
  return methods.has(null) ? null : methods.size > 1 ? "mixed" : only;
}

/** The sum over devices; null where there is none or one of them is not known. */
export function sumJ(devices: readonly { readonly energy: DeviceEnergy }[]): number | null {
  return sumOf(devices.map(({ energy }) => energy.joules));
}

/** Null where there is nothing or something is not known. */
export function sumOf(values: readonly (number | null)[]): number | null {
  return values.length === 0
    ? null
    : values.reduce((sum, value) => sum === null || value === null ? null : sum + value, 0);
}
