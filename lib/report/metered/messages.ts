/** Texts about energy that is metered without a study, for people. */
import { formatDuration } from "../../base/duration.ts";
import { formatNumber } from "../../base/text.ts";

/** The share of the meter itself in a CPU core. */
export function meterShare(share: number): string {
  return `meter overhead: ${(share * 100).toFixed(2)} % of a CPU core`;
}

/** Beside a device whose power is averaged by its driver. */
export function oneSecondAverage(): string {
  return "(1 s average)";
}

/** The energy of a program, its first line. */
export function programEnergy(text: string, seconds: number, verdict: string): string {
  return `llem: ${text} over ${formatDuration(seconds)} (${verdict})`;
}

export function noProgramEnergy(seconds: number, reason: string): string {
  return `llem: no energy over ${formatDuration(seconds)}: ${reason}`;
}

export function energyUndetermined(): string {
  return "energy cannot be determined";
}

export function energyWithPower(
  joules: number,
  relative: number | null,
  watts: number | null,
  method: string,
): string {
  const error = relative === null ? "" : ` +- ${formatNumber(relative * 100)} %`;
  const power = watts === null ? "" : `, ${formatNumber(watts)} W`;
  return `${formatNumber(joules)} J${error}${power} by ${method}`;
}

/** A line for a device; `both` where its counter and the integral of its power can be compared. */
export function deviceEnergy(
  device: string,
  measured: { readonly joules: number; readonly source: string } | null,
  both: { readonly counter_j: number; readonly integral_j: number; readonly ratio: number } | null,
  isIdle: boolean,
): string {
  const amount = measured === null
    ? "not determined"
    : `${formatNumber(measured.joules)} J by ${measured.source}`;
  const compared = both === null
    ? ""
    : ` (counter ${formatNumber(both.counter_j)} J, integral ${formatNumber(both.integral_j)} J, ratio ${
      both.ratio.toFixed(3)
    })`;
  return `  ${device}: ${amount}${compared}${isIdle ? ", idle" : ""}`;
}

/** Why an energy has its verdict. */
export function verdictReason(verdict: string, reason: string): string {
  return `  ${verdict}: ${reason}`;
}

/** Columns of the live table of `llem meter`. Energy is since the table began. */
export function meterHeadings(): string[] {
  return [
    "device",
    "power W",
    "energy J",
    "over s",
    "temp C",
    "SM MHz",
    "memory GiB",
    "util %",
    "power limit W",
  ];
}
