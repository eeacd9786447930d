import { dot, line, type Markish, ruleX, ruleY } from "@observablehq/plot";
import type { Chart } from "../chart.ts";
import { onePath, svgOf, tagged } from "../drawing.ts";
import { THROUGHPUT_LATENCY as TEXT, throughputLatencyText, throughputTitle } from "./messages.ts";
import { moreLeftOut } from "../messages.ts";
import { intervalText, isCut, nearTo, plotMetric, scaleOf } from "../metric.ts";
import type { PageContext } from "../page_context.ts";
import { INK, RING } from "../palette.ts";
import { type Middle, middleOf, MOST_TABLE_ROWS, type PlotRow, shownRows } from "../rows.ts";
import { bySeries, type Series, symbolLegend } from "../series.ts";

const RATE = plotMetric("output_tokens_per_s");
/** A latency and its tail, the first pair that the experiments have. */
const LATENCIES = [["ttft_ms", "ttft_p99_ms"], ["e2e_ms", "e2e_p99_ms"]] as const;
const MOST_POINTS = 1000;
const MOST_CROSSES = 200;

interface Point {
  readonly row: PlotRow;
  readonly series: Series;
  readonly rate: Middle;
  readonly latency: Middle;
  readonly isFront: boolean;
}

/** Each experiment by its output rate and a latency, with the intervals of both and the front; median and tail apart. */
export function throughputLatency(page: PageContext): Chart[] {
  const pair = LATENCIES.find(([name]) => page.rows.some(({ row }) => isThere(row.metrics[name])));
  if (pair === undefined) return [];
  return pair.flatMap((metric) => oneLatency(page, metric) ?? []);
}

function oneLatency({ rows, series, frontOf }: PageContext, metric: string): Chart | null {
  const { label } = plotMetric(metric);
  const { rows: shown, left_out } = shownRows(rows, MOST_POINTS, RATE);
  const axes = [{ metric: RATE.metric, better: "more" }, { metric, better: "less" }] as const;
  const front = frontOf(shown, axes);
  const isSure = front.confident !== null;
  const worth = front.confident ?? front.by_means;
  const points = shown.flatMap((row): Point[] => {
    const [rate, latency] = [middleOf(row.row, RATE.metric), middleOf(row.row, metric)];
    if (rate === null || latency === null) return [];
    return [{ row, rate, latency, series: series.of(row), isFront: worth.has(row) }];
  });
  // One point would be a plot of nothing.
  if (points.length < 2) return null;
  const steps = stepsOf(points.filter(({ row }) => front.by_means.has(row)));
  const within = points.filter(({ row, isFront }) => isFront && !front.by_means.has(row));
  const hasCrosses = points.length <= MOST_CROSSES;
  const areCut = isCut(points.map(({ rate }) => rate), nearTo(ratesOf(points))) ||
    isCut(points.map(({ latency }) => latency), nearTo(latenciesOf(points)));
  const head = {
    id: `throughput-${metric.replaceAll("_", "-")}`,
    title: throughputTitle(label),
    description: throughputLatencyText({
      label,
      count: points.length,
      front: points.filter(({ isFront }) => isFront).map(({ row }) => row.name),
      isSure,
      bars: hasCrosses ? areCut ? "cut" : "whole" : "none",
    }) + moreLeftOut(left_out, "experiment"),
  };
  const svg = svgOf({
    ...head,
    options: {
      x: { label: RATE.label, grid: true, ...scaleOf(ratesOf(points)) },
      y: { label, grid: true, ...scaleOf(latenciesOf(points)) },
    },
    legend: [
      ...symbolLegend(series),
      ...steps.length === 0 ? [] : [{ label: TEXT.front, color: INK.plain, symbol: null, dash: "4 3" }],
      ...within.length === 0 ? [] : [{ label: TEXT.within, color: INK.plain, symbol: RING }],
    ],
    marks: [
      line(steps, { x: "x", y: "y", stroke: INK.plain, strokeDasharray: "4 3", curve: "step-before" }),
      ...hasCrosses ? crosses(points) : [],
      ...bySeries(points).map(([{ color, symbol }, own]) =>
        dot(own, {
          x: (point: Point) => point.rate.middle,
          y: (point: Point) => point.latency.middle,
          fill: color,
          symbol,
          r: points.length > MOST_CROSSES ? 2.5 : 4.5,
          ...tagged((index) => {
            const { row, rate, latency } = own[index] ?? {};
            const told = `${RATE.label} ${intervalText(rate ?? null)}, ${label} ${
              intervalText(latency ?? null)
            }`;
            return { config: row?.hash ?? null, run: null, title: `${row?.name}: ${told}` };
          }),
        })
      ),
      dot(within, {
        x: (point: Point) => point.rate.middle,
        y: (point: Point) => point.latency.middle,
        r: 8,
        stroke: INK.plain,
      }),
    ],
  });
  const told = points.slice(0, MOST_TABLE_ROWS);
  return {
    ...head,
    svg,
    absent: null,
    table: {
      head: [TEXT.setting, RATE.label, label, TEXT.front],
      rows: told.map(({ row, rate, latency, isFront }) => [
        row.name,
        intervalText(rate),
        intervalText(latency),
        isFront ? TEXT.onFront : "",
      ]),
      left_out: rows.length - told.length,
    },
  };
}

/** From the slowest point of the front to the fastest; between them nothing was measured, so nothing is interpolated. */
function stepsOf(front: readonly Point[]): { readonly x: number; readonly y: number }[] {
  if (front.length < 2) return [];
  return front.map(({ rate, latency }) => ({ x: rate.middle, y: latency.middle })).sort((a, b) => a.x - b.x);
}

function ratesOf(points: readonly Point[]): number[] {
  return points.map(({ rate }) => rate.middle);
}

function latenciesOf(points: readonly Point[]): number[] {
  return points.map(({ latency }) => latency.middle);
}

function crosses(points: readonly Point[]): Markish[] {
  const nearRate = nearTo(ratesOf(points));
  const nearLatency = nearTo(latenciesOf(points));
  return bySeries(points).flatMap(([{ color }, own]) => [
    ruleY(own.filter(({ rate }) => rate.low !== null), {
      y: (point: Point) => point.latency.middle,
      x1: (point: Point) => nearRate(point.rate.low ?? NaN),
      x2: (point: Point) => nearRate(point.rate.high ?? NaN),
      ...onePath("lines", { attributes: { stroke: color } }),
    }),
    ruleX(own.filter(({ latency }) => latency.low !== null), {
      x: (point: Point) => point.rate.middle,
      y1: (point: Point) => nearLatency(point.latency.low ?? NaN),
      y2: (point: Point) => nearLatency(point.latency.high ?? NaN),
      ...onePath("rules", { attributes: { stroke: color } }),
    }),
  ]);
}

function isThere(value: unknown): boolean {
  return value !== null && value !== undefined;
}
