import type { EnergyOutcome } from "../../results/energy/energy.ts";
import type { DeviceRow, EnergyRecord } from "../../results/energy/record.ts";
import { printable } from "../../base/text.ts";
import {
  deviceEnergy,
  energyUndetermined,
  energyWithPower,
  noProgramEnergy,
  programEnergy,
  verdictReason,
} from "./messages.ts";

/** The energy of a program for people: one line for the whole, one for each device, the reasons of the verdict. */
export function meteredProgramText(windowS: number, outcome: EnergyOutcome): string {
  if ("reason" in outcome) return `${noProgramEnergy(windowS, printable(outcome.reason))}\n`;
  const { energy } = outcome;
  const lines = [
    programEnergy(headline(energy), windowS, energy.verdict),
    ...energy.devices.map((device) => deviceLine(device)),
    ...energy.idle_peers.map((device) => deviceLine(device, true)),
    ...energy.method === "rapl" ? [] : (energy.host?.devices ?? []).map((device) => deviceLine(device)),
    ...energy.verdict_reasons.map((reason) => verdictReason(energy.verdict, printable(reason))),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function headline({ headline_j, relative, avg_power_w, method }: EnergyRecord): string {
  return headline_j === null || method === null
    ? energyUndetermined()
    : energyWithPower(headline_j, relative, avg_power_w, method);
}

function deviceLine(
  { name, uuid, joules, source, counter_j, integral_j, ratio }: DeviceRow,
  isIdle = false,
): string {
  const both = counter_j === null || integral_j === null || ratio === null
    ? null
    : { counter_j, integral_j, ratio };
  return deviceEnergy(
    `${printable(name)} ${printable(uuid)}`,
    joules === null || source === null ? null : { joules, source },
    both,
    isIdle,
  );
}
