import { line, ruleX, ruleY } from "@observablehq/plot";
import { largest, smallest } from "../../../../base/numbers.ts";
import type { LatencyTime, Quantiles, RunDetails } from "../../../../archive/report/run_details.ts";
import { svgOf, taggedLines } from "../drawing.ts";
import { type LayeredChart, layerId } from "../layers.ts";
import {
  LATENCY,
  latencyText,
  latencyTitle,
  limitText,
  percentileHead,
  pooledNameText,
  runNameText,
} from "./messages.ts";
import { moreLeftOut } from "../messages.ts";
import { numberText, plotMetric, scaleOf } from "../metric.ts";
import type { PageContext } from "../page_context.ts";
import { INK } from "../palette.ts";
import { pooledQuantiles } from "./pooled_quantiles.ts";
import { MOST_TABLE_ROWS, type PlotRow, runKey, shownRows } from "../rows.ts";
import { bySeries, lineLegend } from "../series.ts";

/** Times with what stands in for them. */
const TIMES: readonly (readonly LatencyTime[])[] = [["ttft_ms"], ["itl_ms", "tpot_ms"], ["e2e_ms"]];
const MOST_LINES = 40;

interface Curve {
  /** Null of the requests of several runs together. */
  readonly run: RunDetails | null;
  readonly row: PlotRow;
  readonly quantiles: Quantiles;
}

/** Where the latencies of requests lie, one thin line a run: a plot for each time. */
export function latencies(page: PageContext): LayeredChart[] {
  return TIMES.flatMap((times) => {
    const time = times.find((name) => page.data.runs.some(({ latency }) => latency[name] !== undefined));
    return time === undefined ? [] : latencyOf(page, time) ?? [];
  });
}

function latencyOf({ data, rows, rowOf, series }: PageContext, time: LatencyTime): LayeredChart | null {
  const all = data.runs.flatMap((run): Curve[] => {
    const [row, quantiles] = [rowOf(run), run.latency[time]];
    return row === undefined || quantiles === undefined || quantiles.n < 2 ? [] : [{ run, row, quantiles }];
  });
  if (all.length === 0) return null;
  const perRow = largest(Map.groupBy(all, ({ row }) => row).values().map(({ length }) => length));
  const withCurves = new Set(all.map(({ row }) => row));
  const { rows: shown } = shownRows(
    rows.filter((row) => withCurves.has(row)),
    Math.max(Math.floor(MOST_LINES / perRow), 1),
    plotMetric(time),
  );
  const chosen = new Set(shown);
  const curves = all.filter(({ row }) => chosen.has(row)).slice(0, MOST_LINES);
  const { label } = LATENCY.times[time];
  const limit = data.tables[0].summary.slo?.[time] ?? null;
  const values = curves.flatMap(({ quantiles }) => quantiles.values);
  const describe = (drawn: readonly Curve[]): string => {
    const medians = drawn.map(({ quantiles }) => valueAt(quantiles, 0.5) ?? NaN).filter(Number.isFinite);
    return latencyText({
      label,
      runs: curves.length,
      pooled: drawn === curves ? null : drawn.length,
      low: numberText(smallest(medians)),
      high: numberText(largest(medians)),
      limit,
      fromRecord: curves.some(({ quantiles }) => quantiles.source === "record"),
    }) + moreLeftOut(all.length - curves.length + data.runs_left_out, "run");
  };
  const head = {
    id: `latency-${time.replaceAll("_", "-")}`,
    title: latencyTitle(label),
    description: describe(curves),
  };
  const draw = (drawn: readonly Curve[], layer: number): string =>
    svgOf({
      ...head,
      id: layerId(head.id, layer),
      description: describe(drawn),
      options: {
        height: 300,
        x: { label: `${label} ms`, grid: true, ...scaleOf(limit === null ? values : [...values, limit]) },
        y: { label: LATENCY.share, domain: [0, 1], grid: true },
      },
      legend: [
        ...lineLegend(series).filter(({ label }) => shown.some((row) => series.of(row).label === label)),
        ...limit === null ? [] : [{ label: limitText(limit), color: INK.worse, symbol: null, dash: "2 2" }],
      ],
      marks: [
        ...bySeries(drawn.map((curve) => ({ ...curve, series: series.of(curve.row) }))).map((
          [{ color, dash }, own],
        ) =>
          line(own.flatMap(pointsOf), {
            x: "value",
            y: "share",
            z: "line",
            stroke: color,
            strokeWidth: 1,
            strokeOpacity: 0.8,
            strokeDasharray: dash,
            ...taggedLines((at) => {
              const { run, row } = own[at] ?? {};
              return {
                config: row?.hash ?? null,
                run: run === undefined || run === null ? null : runKey(run),
                title: run === null
                  ? pooledNameText(row?.name ?? "")
                  : runNameText(row?.name ?? "", run?.cycle ?? 0),
              };
            }),
          })
        ),
        ...limit === null ? [] : [
          ruleX([limit], { stroke: INK.worse, strokeDasharray: "2 2", strokeWidth: 1.5 }),
          ruleY([data.tables[0].summary.slo?.share ?? 1], { stroke: INK.worse, strokeDasharray: "2 2" }),
        ],
      ],
    });
  const pooled = perRow < 2 ? [] : pooledCurves(curves);
  const layers = [
    { id: "runs", label: LATENCY.layers.runs, svg: draw(curves, 0) },
    ...pooled.length === 0 ? [] : [{ id: "pooled", label: LATENCY.layers.pooled, svg: draw(pooled, 1) }],
  ];
  return {
    ...head,
    svg: layers[0]?.svg ?? "",
    layers: { legend: LATENCY.legend, choices: layers },
    absent: null,
    table: {
      head: [LATENCY.setting, LATENCY.cycle, LATENCY.n, ...SHARES.map((share) => percentileHead(share))],
      rows: curves.slice(0, MOST_TABLE_ROWS).map(({ run, row, quantiles }) => [
        row.name,
        String(run?.cycle ?? ""),
        String(quantiles.n),
        ...SHARES.map((share) => numberText(valueAt(quantiles, share))),
      ]),
      left_out: Math.max(all.length - MOST_TABLE_ROWS, 0),
    },
  };
}

/** A line for each experiment, of the requests of its runs together; none where the requests of a run are not at hand. */
function pooledCurves(curves: readonly Curve[]): Curve[] {
  if (curves.some(({ quantiles }) => quantiles.source === "record")) return [];
  return [...Map.groupBy(curves, ({ row }) => row)].map(([row, own]) => ({
    row,
    run: null,
    quantiles: pooledQuantiles(own.map(({ quantiles }) => quantiles)),
  }));
}

function pointsOf(
  { quantiles: { shares, values } }: Curve,
  line: number,
): { readonly share: number; readonly value: number; readonly line: number }[] {
  return shares.map((share, index) => ({ share, value: values[index] ?? NaN, line }));
}

const SHARES = [0.1, 0.5, 0.9, 0.99] as const;

/** Between two points of it, in a straight line. */
function valueAt({ shares, values }: Quantiles, share: number): number | null {
  const after = shares.findIndex((each) => each >= share);
  const [right, to] = [shares[after], values[after]];
  if (right === undefined || to === undefined) return null;
  const [left, from] = [shares[after - 1], values[after - 1]];
  if (left === undefined || from === undefined) return after === 0 && right > share ? null : to;
  return from + (to - from) * (share - left) / (right - left);
}
