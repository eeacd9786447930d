import type { EnergyFacts } from "./facts.ts";
import type { DeviceRow, EnergyRecord } from "./record.ts";
import { isApart } from "./verdict.ts";
import type { RecordWarning } from "../warning.ts";

/** More troubles of a meter than this are not told. */
const MAX_TROUBLES = 20;

/** What of the energy deserves a remark in the record. */
export function energyWarnings(energy: EnergyRecord, facts: EnergyFacts): RecordWarning[] {
  return [
    ...energy.devices.flatMap((row) => deviceWarnings(row, energy.window_s)),
    ...energy.clocks.flatMap(({ uuid, power_limits_w: limits }) =>
      limits.length < 2 ? [] : [{
        code: "energy_power_limit",
        text: `The power limit of ${uuid} changed in the window: ${limits.join(", ")} W`,
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
      text: `The energy counter of ${row.uuid} is not believed: ${row.notes.join("; ")}`,
    });
  } else if (isApart(row.ratio, windowS)) {
    warnings.push({
      code: "energy_apart",
      text: `The counter of ${row.uuid} tells ${(row.ratio ?? 1).toFixed(3)} times its integrated power`,
    });
  }
  if (row.source === "integral" && row.power !== "instant") {
    warnings.push({
      code: "energy_average",
      text: `Power of ${row.uuid} is an average${
        row.trimmed ? " over 1 s; a second was left out at both edges" : ""
      }`,
    });
  }
  return warnings;
}

function driftWarnings({ baseline, verdict_reasons }: EnergyRecord): RecordWarning[] {
  return (["context", "loaded"] as const).flatMap((name) => {
    const drift = baseline[name].drift_w;
    const told = verdict_reasons.some((reason) => reason.startsWith(`idle power (${name})`));
    return drift === null || !told
      ? []
      : [{ code: "energy_drift", text: `Idle power (${name}) drifted by ${drift.toFixed(1)} W` }];
  });
}

/** A board that warms up leaks more power (rule R11): a longer warm-up would have shown the level it comes to. */
const WARMED_C = 10;

function temperatureWarnings({ temperature }: EnergyRecord): RecordWarning[] {
  return temperature.devices.flatMap(({ uuid, start_c, end_c }) => {
    if (start_c === null || end_c === null || Math.abs(end_c - start_c) <= WARMED_C) return [];
    const text = `${uuid} went from ${start_c} C to ${end_c} C in the window: warm up for longer`;
    return [{ code: "energy_temperature", text }];
  });
}

/** We keep the driver loaded ourselves for as long as a study takes; what it costs is the first touch of every board. */
function persistenceWarnings({ devices }: EnergyRecord, { recording }: EnergyFacts): RecordWarning[] {
  const off = recording.devices.filter(({ device: { uuid, facts } }) =>
    facts["persistence_mode"] === false && devices.some((row) => row.uuid === uuid)
  );
  return off.map(({ device: { uuid } }) => ({
    code: "energy_persistence",
    text: `Persistence mode of ${uuid} is off: idle levels between studies differ. sudo nvidia-smi -pm 1`,
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
