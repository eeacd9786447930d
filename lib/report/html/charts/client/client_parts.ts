import UPLOT from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import UPLOT_STYLE from "uplot/dist/uPlot.min.css" with { type: "text" };
import type { Chart } from "../chart.ts";
import { UPLOT_NOTICE } from "../messages.ts";
import FILTER from "./filter.client.js" with { type: "text" };
import POWER_TRACES from "./power_traces.client.js" with { type: "text" };

/** What stands in a page for the plots of it that need script: before the page's own script and after its style. */
export interface ClientParts {
  readonly script: string;
  readonly style: string;
}

const STYLE =
  ".trace{min-height:260px}.trace-bar select{max-width:24rem}@media print{.trace,.trace-bar{display:none}}";

/** Both empty where no plot needs script. */
export function clientParts(charts: readonly Chart[]): ClientParts {
  const kinds = new Set(charts.map(({ interaction }) => interaction?.kind));
  const filter = kinds.has("filter") ? FILTER : "";
  if (!kinds.has("power_traces")) return { script: filter, style: "" };
  return {
    script: `${UPLOT_NOTICE}\n${UPLOT}\n${POWER_TRACES}${filter}`,
    style: `${UPLOT_STYLE}\n${STYLE}\n`,
  };
}
