import type { RunDetails } from "../../../archive/report/run_details.ts";
import type { ReportData } from "../../../archive/report/report_data.ts";
import { mainMetric, type PlotMetric } from "./metric.ts";
import { type PlotFront, plotFront, type PlotFrontAxis } from "./front.ts";
import { type PlotRow, plotRows, runReader, type RunValue } from "./rows.ts";
import { type PageSeries, pageSeries } from "./series.ts";

/** What all plots of a page share. */
export interface PageContext {
  readonly data: ReportData;
  readonly rows: readonly PlotRow[];
  readonly series: PageSeries;
  /** Null where there is no number at all. */
  readonly main: PlotMetric | null;
  readonly runsOf: (row: PlotRow, metric: string) => readonly RunValue[];
  readonly frontOf: (rows: readonly PlotRow[], axes: readonly PlotFrontAxis[]) => PlotFront;
  /** The experiment of a run's details. */
  readonly rowOf: (details: Pick<RunDetails, "study" | "config_hash">) => PlotRow | undefined;
}

export function pageContext(data: ReportData): PageContext {
  const rows = plotRows(data.tables);
  const runsOf = runReader(data.tables);
  const byKey = new Map(rows.map((row) => [`${row.study} ${row.hash}`, row]));
  return {
    data,
    rows,
    series: pageSeries(rows),
    main: mainMetric(rows, data.comparison),
    runsOf,
    frontOf: (some, axes) => plotFront(some, axes, runsOf),
    rowOf: ({ study, config_hash }) => byKey.get(`${study} ${config_hash}`),
  };
}
