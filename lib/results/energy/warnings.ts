import type { EnergyFacts } from "./facts.ts";
import type { DeviceRow, EnergyRecord } from "./record.ts";
import * as messages from "./messages.ts";
import { isApart } from "./verdict.ts";
import type { RecordWarning } from "../warning.ts";

/** More troubles of a meter than this are left out. */
const MAX_TROUBLES = 20;

/** What of the energy deserves a remark in the record. */
export function energyWarnings(energy: EnergyRecord, facts: EnergyFacts): RecordWarning[] {
  return [
    ...energy.devices.flatMap((row) => deviceWarnings(row, energy.window_s)),
    ...energy.clocks.flatMap(({ uuid, power_limits_w: limits }) =>
      limits.length < 2 ? [] : [{
        code: "energy_power_limit",
        text: messages.powerLimitChanged(uuid, limits),
      }]
    ),
    ...driftWarnings(energy),
    ...temperatureWarnings(energy),
    ...persistenceWarnings(energy, facts),
    ...troubleWarnings(energy, facts),
  ];
}

function deviceWarnings(row: DeviceRow, windowS: number): RecordWarning[] {
  const warnings: RecordWarning[] = [];
  if (row.source === "integral" && row.counter_j !== null) {
    warnings.push({
      code: "energy_counter",
      text: messages.counterNotUsed(row.uuid, row.notes),
    });
  } else if (isApart(row.ratio, windowS)) {
    warnings.push({
      code: "energy_apart",
      text: messages.counterApart(row.uuid, row.ratio ?? 1),
    });
  }
  if (row.source === "integral" && row.power !== "instant") {
    warnings.push({
      code: "energy_average",
      text: messages.averagedPower(row.uuid, row.trimmed),
    });
  }
  return warnings;
}

function driftWarnings({ baseline, verdict_reasons }: EnergyRecord): RecordWarning[] {
  return (["context", "loaded"] as const).flatMap((name) => {
    const drift = baseline[name].drift_w;
    return drift === null || !verdict_reasons.includes(messages.idlePowerDiffers(name))
      ? []
      : [{ code: "energy_drift", text: messages.idlePowerDrifted(name, drift) }];
  });
}

/** A board that warms up leaks more power (rule R11): a longer warm-up would have shown the level it comes to. */
const WARMED_C = 10;

function temperatureWarnings({ temperature }: EnergyRecord): RecordWarning[] {
  return temperature.devices.flatMap(({ uuid, start_c, end_c }) => {
    if (start_c === null || end_c === null || Math.abs(end_c - start_c) <= WARMED_C) return [];
    return [{ code: "energy_temperature", text: messages.temperatureChanged(uuid, start_c, end_c) }];
  });
}

/** We keep the driver loaded ourselves for as long as a study takes; what it costs is the first touch of every board. */
function persistenceWarnings({ devices }: EnergyRecord, { recording }: EnergyFacts): RecordWarning[] {
  const off = recording.devices.filter(({ device: { uuid, facts } }) =>
    facts["persistence_mode"] === false && devices.some((row) => row.uuid === uuid)
  );
  return off.map(({ device: { uuid } }) => ({
    code: "energy_persistence",
    text: messages.persistenceOff(uuid),
  }));
}

function troubleWarnings(energy: EnergyRecord, { recording }: EnergyFacts): RecordWarning[] {
  const concerned = new Set(
    [...energy.devices, ...energy.idle_peers, ...energy.host?.devices ?? []].map(({ uuid }) => uuid),
  );
  const texts = new Map<string, RecordWarning>();
  for (const { code, device, text, remedy } of recording.troubles) {
    if (device !== null && !concerned.has(device)) continue;
    const whole = [device, text].filter((part) => part !== null).join(": ");
    texts.set(whole, { code: `meter_${code}`, text: remedy === null ? whole : `${whole}. ${remedy}` });
  }
  return [...texts.values()].slice(0, MAX_TROUBLES);
}
