import type { ReportData } from "../../../archive/report/report_data.ts";
import type { Chart } from "./chart.ts";

/** The plots of a report, in the order of the page. The library that draws them is loaded here and nowhere else. */
export async function drawCharts(data: ReportData): Promise<readonly Chart[]> {
  const { allCharts } = await import("./all_charts.ts");
  return allCharts(data);
}
