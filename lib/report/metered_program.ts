import { formatDuration } from "../base/duration.ts";
import type { EnergyOutcome } from "../results/energy/energy.ts";
import type { DeviceRow, EnergyRecord } from "../results/energy/record.ts";
import { formatNumber, printable } from "../base/text.ts";

/** What a program drew, for people: one line for the whole, one for each device, the reasons of the verdict. */
export function meteredProgramText(windowS: number, outcome: EnergyOutcome): string {
  const took = formatDuration(windowS);
  if ("reason" in outcome) return `llem: no energy over ${took}: ${printable(outcome.reason)}\n`;
  const { energy } = outcome;
  const lines = [
    `llem: ${headline(energy)} over ${took} (${energy.verdict})`,
    ...energy.devices.map(deviceLine),
    ...energy.idle_peers.map((device) => `${deviceLine(device)}, idle`),
    ...energy.method === "rapl" ? [] : (energy.host?.devices ?? []).map(deviceLine),
    ...energy.verdict_reasons.map((reason) => `  ${energy.verdict}: ${printable(reason)}`),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function headline({ headline_j, relative, avg_power_w, method }: EnergyRecord): string {
  if (headline_j === null) return "energy cannot be told";
  const error = relative === null ? "" : ` +- ${formatNumber(relative * 100)} %`;
  const power = avg_power_w === null ? "" : `, ${formatNumber(avg_power_w)} W`;
  return `${formatNumber(headline_j)} J${error}${power} by ${method}`;
}

function deviceLine({ name, uuid, joules, source, counter_j, integral_j, ratio }: DeviceRow): string {
  const told = joules === null ? "not told" : `${formatNumber(joules)} J by ${source}`;
  const both = counter_j === null || integral_j === null || ratio === null
    ? ""
    : ` (counter ${formatNumber(counter_j)} J, integral ${formatNumber(integral_j)} J, ratio ${
      ratio.toFixed(3)
    })`;
  return `  ${printable(name)} ${printable(uuid)}: ${told}${both}`;
}
