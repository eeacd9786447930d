import { dot, link } from "@observablehq/plot";
import type { ReportData } from "../../../archive/report/report_data.ts";
import type { Spread } from "../../../statistics/spread.ts";
import type { Chart } from "./chart.ts";
import { svgOf, tagged } from "./drawing.ts";
import { THROUGHPUT_LATENCY as TEXT, throughputLatencyText } from "./messages.ts";
import { formatNumber } from "../../../base/text.ts";
import { rowName, seriesOfRows } from "./series.ts";

/** Each experiment by its output rate and a latency, with the intervals of both. */
export function throughputLatency({ tables: [{ summary: { rows } }] }: ReportData): Chart | null {
  const series = seriesOfRows(rows);
  const points = rows.flatMap((row, index) => {
    const [rate, latency] = [row.metrics["output_tokens_per_s"], row.metrics["ttft_p99_ms"]].map(middleOf);
    if (rate === undefined || latency === undefined || rate === null || latency === null) return [];
    return [{ name: rowName(row), hash: row.config_hash, rate, latency, series: series.of(index) }];
  });
  if (points.length === 0) return null;
  const tags = tagged((index) => {
    const point = points[index];
    return { config: point?.hash ?? null, run: null, title: point?.name ?? null };
  });
  const head = {
    id: "throughput-latency",
    title: TEXT.title,
    description: throughputLatencyText(points.length),
  };
  const svg = svgOf({
    ...head,
    options: {
      x: { label: TEXT.x, grid: true, type: "log" },
      y: { label: TEXT.y, grid: true, type: "log" },
      symbol: { type: "identity" },
    },
    marks: [
      link(points, {
        x1: (point) => point.rate.low,
        x2: (point) => point.rate.high,
        y: (point) => point.latency.middle,
        stroke: (point) => point.series.color,
      }),
      link(points, {
        x: (point) => point.rate.middle,
        y1: (point) => point.latency.low,
        y2: (point) => point.latency.high,
        stroke: (point) => point.series.color,
      }),
      dot(points, {
        x: (point) => point.rate.middle,
        y: (point) => point.latency.middle,
        fill: (point) => point.series.color,
        symbol: (point: (typeof points)[number]) => point.series.symbol,
        ...tags,
      }),
    ],
  });
  const rowsOf = points.map(({ name, rate, latency }) => [
    name,
    formatNumber(rate.middle),
    formatNumber(latency.middle),
  ]);
  return {
    ...head,
    svg,
    absent: null,
    table: { head: [TEXT.setting, TEXT.x, TEXT.y], rows: rowsOf, left_out: 0 },
  };
}

/** A number over its repeats, with an interval that is the number itself where there is none. */
interface Middle {
  readonly middle: number;
  readonly low: number;
  readonly high: number;
}

function middleOf(spread: Spread | null | undefined): Middle | null {
  if (spread === null || spread === undefined) return null;
  const middle = spread.geomean ?? spread.mean;
  return { middle, low: spread.low95 ?? middle, high: spread.high95 ?? middle };
}
