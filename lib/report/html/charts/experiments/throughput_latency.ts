import { loadOf } from "../../../../experiment/load.ts";
import { dot, line, type Markish, ruleX, ruleY } from "@observablehq/plot";
import { onePath, svgOf, tagged } from "../drawing.ts";
import { type LayeredChart, layerId } from "../layers.ts";
import { THROUGHPUT_LATENCY as TEXT, throughputLatencyText, throughputTitle } from "./messages.ts";
import { moreLeftOut } from "../messages.ts";
import { intervalText, isCut, nearTo, plotMetric, scaleOf } from "../metric.ts";
import type { PlotFrontAxis } from "../front.ts";
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
export function throughputLatency(page: PageContext): LayeredChart[] {
  const pair = LATENCIES.find(([name]) => page.rows.some(({ row }) => isThere(row.metrics[name])));
  if (pair === undefined) return [];
  const rates = rateAxes(page);
  return pair.flatMap((metric) => {
    const [first, ...others] = rates.flatMap((rate, at) => oneLatency(page, rate, metric, at) ?? []);
    if (first === undefined) return [];
    const choices = [first, ...others].map(({ layer, chart: { svg } }) => ({ ...layer, svg }));
    return [{ ...first.chart, layers: { legend: TEXT.legend, choices } }];
  });
}

/** What goes along the horizontal axis. */
interface Rate extends PlotFrontAxis {
  readonly id: keyof typeof TEXT.rates;
  readonly label: string;
}

/** The rates that are known of the experiments: of a board or a user only where there are several. */
function rateAxes({ data, rows }: PageContext): Rate[] {
  const { metric, label } = RATE;
  const per = (id: "gpu" | "user", label: string, counts: ReadonlyMap<string, number>): Rate[] => {
    const all = rows.filter(({ row }) => isThere(row.metrics[metric])).map(({ hash }) => counts.get(hash));
    if (!all.every((count) => count !== undefined && count > 0) || !all.some((count) => count !== 1)) {
      return [];
    }
    return [{ id, label, metric, better: "more", per: ({ hash }) => counts.get(hash) ?? NaN }];
  };
  const boards = data.tables.flatMap(({ runs }) =>
    runs.flatMap(({ config_hash, circumstances }) => {
      const known = circumstances?.["GPU"];
      return known === undefined ? [] : [[config_hash, known.split(", ").length] as const];
    })
  );
  const users = data.tables.flatMap(({ experiments }) =>
    experiments.map(({ config_hash, config }) => [config_hash, loadOf(config).concurrency ?? NaN] as const)
  );
  const requests = plotMetric("requests_per_s");
  const hasRequests = rows.some(({ row }) => isThere(row.metrics[requests.metric]));
  return [
    { id: "total", label, metric, better: "more" },
    ...hasRequests
      ? [{ id: "requests", label: TEXT.requests, metric: requests.metric, better: "more" } as const]
      : [],
    ...per("gpu", TEXT.perGpu, new Map(boards)),
    ...per("user", TEXT.perUser, new Map(users)),
  ];
}

interface DrawnLatency {
  readonly layer: { readonly id: string; readonly label: string };
  readonly chart: LayeredChart;
}

function oneLatency(
  { rows, series, frontOf }: PageContext,
  rateAxis: Rate,
  metric: string,
  layer: number,
): DrawnLatency | null {
  const { label } = plotMetric(metric);
  const { rows: shown, left_out } = shownRows(rows, MOST_POINTS, RATE);
  const axes = [rateAxis, { metric, better: "less" }] as const;
  const front = frontOf(shown, axes);
  const isSure = front.confident !== null;
  const worth = front.confident ?? front.by_means;
  const points = shown.flatMap((row): Point[] => {
    const [whole, latency] = [middleOf(row.row, rateAxis.metric), middleOf(row.row, metric)];
    const rate = whole === null ? null : divided(whole, rateAxis.per?.(row) ?? 1);
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
      rate: rateAxis.id,
      label,
      count: points.length,
      front: points.filter(({ isFront }) => isFront).map(({ row }) => row.name),
      isSure,
      bars: hasCrosses ? areCut ? "cut" : "whole" : "none",
    }) + moreLeftOut(left_out, "experiment"),
  };
  const svg = svgOf({
    ...head,
    id: layerId(head.id, layer),
    options: {
      x: { label: rateAxis.label, grid: true, ...scaleOf(ratesOf(points)) },
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
            const told = `${rateAxis.label} ${intervalText(rate ?? null)}, ${label} ${
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
  const table = {
    head: [TEXT.setting, rateAxis.label, label, TEXT.front],
    rows: told.map(({ row, rate, latency, isFront }) => [
      row.name,
      intervalText(rate),
      intervalText(latency),
      isFront ? TEXT.onFront : "",
    ]),
    left_out: rows.length - told.length,
  };
  return {
    layer: { id: rateAxis.id, label: TEXT.rates[rateAxis.id] },
    chart: { ...head, svg, absent: null, table },
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

function divided({ middle, low, high }: Middle, by: number): Middle {
  return { middle: middle / by, low: low === null ? null : low / by, high: high === null ? null : high / by };
}

function isThere(value: unknown): boolean {
  return value !== null && value !== undefined;
}
