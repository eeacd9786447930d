import { dot, ruleX, ruleY } from "@observablehq/plot";
import { largest } from "../../../../base/numbers.ts";
import { trendOf } from "../../../../statistics/trend.ts";
import type { Chart } from "../chart.ts";
import { MANY, onePath, svgOf, tagged } from "../drawing.ts";
import { RESIDUALS, residualsText, residualsTitle, residualText } from "./messages.ts";
import { numberText, wholeTicks } from "../metric.ts";
import type { PageContext } from "../page_context.ts";
import { INK } from "../palette.ts";
import { middleOf, MOST_TABLE_ROWS, type PlotRow, type RunValue } from "../rows.ts";
import { bySeries, symbolLegend } from "../series.ts";

const MOST_POINTS = 1000;

interface Residual extends RunValue {
  readonly row: PlotRow;
  /** Per cent of the experiment's geometric mean. */
  readonly percent: number;
}

/** How far each run lies from the mean of its experiment, in the order in which they ran: what drifts over a study shows here. */
export function residuals({ data, rows, main, runsOf, series }: PageContext): Chart | null {
  if (main === null || data.tables.length > 1) return null;
  const { metric, label } = main;
  const all = rows.flatMap((row): Residual[] => {
    const middle = middleOf(row.row, metric)?.middle ?? 0;
    const runs = runsOf(row, metric);
    if (runs.length < 2 || !(middle > 0)) return [];
    return runs.map((run) => ({ ...run, row, percent: 100 * (run.value / middle - 1) }));
  }).sort((a, b) => a.run.index - b.run.index);
  if (all.length < 4) return null;
  const points = all.slice(0, MOST_POINTS);
  const most = points.reduce((found, each) =>
    Math.abs(each.percent) > Math.abs(found.percent) ? each : found
  );
  const told = points.toSorted((a, b) => Math.abs(b.percent) - Math.abs(a.percent)).slice(0, MOST_TABLE_ROWS);
  const furthest = new Set(told.map(({ run }) => run));
  const head = {
    id: "residuals",
    title: residualsTitle(label),
    description: residualsText({
      runs: points.length,
      most: numberText(most.percent),
      at: most.run.index,
      trend: trendOf(points.map(({ percent }) => percent)),
      left_out: all.length - points.length,
    }),
  };
  const [table] = data.tables;
  const perCycle = table.order.cycle_order === "sequential" ? 0 : rows.length;
  const last = largest(points.map(({ run }) => run.index));
  const ends = perCycle < 2
    ? []
    : Array.from({ length: Math.floor((last - 1) / perCycle) }, (_, at) => (at + 1) * perCycle + 0.5);
  const svg = svgOf({
    ...head,
    options: {
      height: 280,
      x: { label: RESIDUALS.order, domain: [0.5, last + 0.5], ...wholeTicks(last) },
      y: { label: RESIDUALS.percent, grid: true, nice: true },
    },
    legend: symbolLegend(series),
    marks: [
      ruleY([0], { stroke: INK.plain }),
      ...ends.length > 50 ? [] : [ruleX(ends, { stroke: INK.faint, strokeDasharray: "2 3" })],
      ...bySeries(points.map((point) => ({ ...point, series: series.of(point.row) }))).flatMap((
        [{ color, symbol }, own],
      ) => {
        const dots = own.filter((point) => points.length <= MANY || furthest.has(point.run));
        const place = { x: (point: Residual) => point.run.index, y: "percent" };
        return [
          ...points.length <= MANY ? [] : [
            dot(own, {
              ...place,
              ...onePath("dots", { attributes: { stroke: color, "stroke-width": "4" } }),
            }),
          ],
          dot(dots, {
            ...place,
            fill: color,
            symbol,
            r: 3.5,
            ...tagged((index) => {
              const { row, run, key, percent } = dots[index] ?? {};
              const title = residualText(
                run?.index ?? 0,
                row?.name ?? "",
                run?.cycle ?? 0,
                numberText(percent),
              );
              return { config: row?.hash ?? null, run: key ?? null, title };
            }),
          }),
        ];
      }),
    ],
  });
  return {
    ...head,
    svg,
    absent: null,
    table: {
      head: [RESIDUALS.order, RESIDUALS.setting, RESIDUALS.cycle, RESIDUALS.percent],
      rows: told.map((
        { run, row, percent },
      ) => [String(run.index), row.name, String(run.cycle), numberText(percent)]),
      left_out: all.length - told.length,
    },
  };
}
