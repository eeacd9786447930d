/** The texts that all plots of a report share. */
import { plural } from "../../../base/text.ts";

export function moreLeftOut(count: number, what: string): string {
  return count === 0 ? "" : ` ${plural(count, `more ${what}`)} ${count === 1 ? "is" : "are"} not drawn.`;
}

export function noEnergyText(reason: string | null): string {
  return reason === null ? "No run has energy." : `No run has energy: ${reason}`;
}

export const NOTHING = {
  energyTitle: "Energy",
  title: "Plots",
};

export function nothingCompletedText(runs: number): string {
  return runs === 0
    ? "Nothing has run yet."
    : `None of ${plural(runs, "run")} completed, so there are no numbers to plot.`;
}

export function listText(items: readonly string[]): string {
  const shown = items.slice(0, 5).join(", ");
  return items.length > 5 ? `${shown} and ${items.length - 5} more` : shown || "none";
}

/** The licence of uPlot (MIT) asks for it in every copy. */
export const UPLOT_NOTICE =
  "/*! uPlot: Copyright (c) 2022 Leon Sorokin, MIT License, https://opensource.org/license/mit */";
