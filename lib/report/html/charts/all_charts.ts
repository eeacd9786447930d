import type { ReportData } from "../../../archive/report/report_data.ts";
import type { Chart } from "./chart.ts";
import { throughputLatency } from "./throughput_latency.ts";

/** Everything below here is loaded with the library that draws. */
export function allCharts(data: ReportData): Chart[] {
  return [throughputLatency(data)].filter((chart) => chart !== null);
}
