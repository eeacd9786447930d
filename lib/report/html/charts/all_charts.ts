import type { ReportData } from "../../../archive/report/report_data.ts";
import type { Chart } from "./chart.ts";
import { energySplit } from "./runs/energy_split.ts";
import { field } from "./experiments/field.ts";
import { forests } from "./experiments/forest.ts";
import { heat } from "./runs/heat.ts";
import { type LayeredChart, packLayers } from "./layers.ts";
import { latencies } from "./runs/latency.ts";
import { noEnergyText, NOTHING, nothingCompletedText } from "./messages.ts";
import { type PageContext, pageContext } from "./page_context.ts";
import { power } from "./runs/power.ts";
import { residuals } from "./experiments/residuals.ts";
import { strip } from "./experiments/strip.ts";
import { sweptValue } from "./experiments/swept_value.ts";
import { throughputLatency } from "./experiments/throughput_latency.ts";
import { timeline } from "./runs/timeline.ts";

/** Everything below here is loaded with the library that draws. */
export async function allCharts(data: ReportData): Promise<Chart[]> {
  const page = pageContext(data);
  const nothing = page.main === null ? nothingCompleted(page) : null;
  const charts: (LayeredChart | null)[] = [
    ...throughputLatency(page),
    sweptValue(page),
    field(page),
    ...forests(page),
    strip(page),
    residuals(page),
    ...latencies(page),
    energySplit(page),
    await power(page),
    ...heat(page),
    nothing ?? noEnergy(page),
    timeline(page),
  ];
  return await Promise.all(charts.filter((chart) => chart !== null).map(packLayers));
}

function nothingCompleted({ data }: PageContext): Chart {
  const runs = data.tables.reduce((sum, { runs }) => sum + runs.length, 0);
  return absent("plots", NOTHING.title, nothingCompletedText(runs));
}

/** Null where there is energy. */
function noEnergy({ data }: PageContext): Chart | null {
  if (data.runs.some(({ energy }) => energy !== null)) return null;
  const reason = data.runs.map(({ energy_reason }) => energy_reason).find((reason) => reason !== null) ??
    null;
  return absent("energy", NOTHING.energyTitle, noEnergyText(reason));
}

function absent(id: string, title: string, reason: string): Chart {
  return {
    id,
    title,
    description: reason,
    svg: "",
    absent: reason,
    table: { head: [], rows: [], left_out: 0 },
  };
}
