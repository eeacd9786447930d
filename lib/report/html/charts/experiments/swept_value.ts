import { dot, line, ruleX } from "@observablehq/plot";
import { largest, smallest } from "../../../../base/numbers.ts";
import { shortLabel } from "../../../run_name.ts";
import { type LegendEntry, MANY, onePath, svgOf, tagged } from "../drawing.ts";
import { type LayeredChart, layerId } from "../layers.ts";
import { cycleValueText, SWEPT, sweptLayerText, sweptText, sweptTitle } from "./messages.ts";
import { moreLeftOut } from "../messages.ts";
import {
  intervalText,
  isCut,
  nearTo,
  numberText,
  type PlotMetric,
  type ScaleChoice,
  scaleOf,
} from "../metric.ts";
import type { PageContext } from "../page_context.ts";
import {
  type Middle,
  middleOf,
  MOST_TABLE_ROWS,
  type PlotRow,
  type RunValue,
  shownRows,
  variedCell,
} from "../rows.ts";
import { bySeries, type Series, seriesBy, symbolLegend } from "../series.ts";

const MOST_POINTS = 300;
/** Of more points each picture is a good part of a page. */
const MOST_IN_ALL_SCALES = 50;
/** Pixels between points of different lines. */
const APART = 7;

interface Point {
  readonly row: PlotRow;
  readonly x: number;
  readonly middle: Middle;
  readonly runs: readonly RunValue[];
  readonly series: Series;
  /** Points of one line: alike in all but the swept value. */
  readonly line: string;
}

/** The main metric against the swept number with the most values: every run, and the interval of each experiment. */
export function sweptValue({ rows, main, runsOf }: PageContext): LayeredChart | null {
  const path = sweptPath(rows);
  if (main === null || path === null) return null;
  const others = otherPaths(rows, path);
  const lineOf = (row: PlotRow): string =>
    [row.study, ...others.map((other) => variedCell(row, other))].join(" ");
  const { rows: shown } = shownRows(wholeLines(rows, lineOf, main), MOST_POINTS, main);
  const left_out = rows.length - shown.length;
  const series = seriesBy(shown, (row) => {
    const values = others.map((other) => `${shortLabel(other)}=${variedCell(row, other)}`).join(" ");
    return values === ""
      ? new Set(rows.map(({ study }) => study)).size > 1 ? row.name.split(":")[0] ?? "" : main.label
      : values;
  });
  const pointsOf = (metric: string): Point[] =>
    shown.flatMap((row): Point[] => {
      const [x, middle] = [row.row.varied[path], middleOf(row.row, metric)];
      if (typeof x !== "number" || middle === null) return [];
      return [{ row, x, middle, runs: runsOf(row, metric), series: series.of(row), line: lineOf(row) }];
    }).sort((a, b) => a.x - b.x);
  const points = pointsOf(main.metric);
  if (points.length < 2) return null;
  const name = shortLabel(path);
  const all = allTokens(main);
  const layers = [main, ...all === null ? [] : [all]].flatMap((metric): Wish[] => {
    const own = metric === main ? points : pointsOf(metric.metric);
    if (own.length < points.length) return [];
    const { label, better } = metric;
    const areCut = isCut(own.map(({ middle }) => middle), nearTo(valuesOf(own)));
    const scales = metric === main || own.length <= MOST_IN_ALL_SCALES ? scaleChoices(own) : ["fit"] as const;
    return scales.map((scale) => ({
      name,
      metric,
      scale,
      points: own,
      head: {
        title: sweptTitle(label, name),
        description: sweptText({ label, name, count: own.length, best: bestOf(own, better), areCut }) +
          moreLeftOut(left_out, "experiment"),
      },
    }));
  });
  const drawn = layers.map((wish, at) => ({
    ...wish,
    svg: draw(wish, layerId(ID, at), symbolLegend(series)),
  }));
  const [first] = drawn;
  if (first === undefined) return null;
  const told = points.slice(0, MOST_TABLE_ROWS);
  return {
    id: ID,
    ...first.head,
    svg: first.svg,
    absent: null,
    table: {
      head: [SWEPT.setting, name, main.label, SWEPT.runs],
      rows: told.map(({ row, x, middle, runs }) => [
        row.name,
        numberText(x),
        intervalText(middle),
        runs.map(({ value }) => numberText(value)).join(", "),
      ]),
      left_out: rows.length - told.length,
    },
    layers: {
      legend: SWEPT.legend,
      choices: drawn.map(({ metric: { metric, label }, scale, svg }) => ({
        id: `${metric}-${scale}`,
        label: sweptLayerText(label, scale),
        svg,
      })),
    },
  };
}

const ID = "swept-value";

/** A picture of the points. */
interface Wish {
  readonly name: string;
  readonly metric: PlotMetric;
  readonly scale: ScaleChoice;
  readonly points: readonly Point[];
  readonly head: { readonly title: string; readonly description: string };
}

/** Of a metric of the generated tokens the same of all tokens; null for any other. */
function allTokens({ metric, better }: PlotMetric): PlotMetric | null {
  const ALL = SWEPT.allTokens;
  if (metric === "j_per_output_token") return { metric: "j_per_total_token", better, label: ALL.joules };
  if (metric === "output_tokens_per_s") return { metric: "total_tokens_per_s", better, label: ALL.rate };
  return null;
}

/** The scales that make other pictures of the points. */
function scaleChoices(points: readonly Point[]): ScaleChoice[] {
  const known = new Set<string>();
  return (["fit", "linear", "log"] as const).filter((choice) => {
    const types = [points.map(({ x }) => x), valuesOf(points)].map((values) => scaleOf(values, choice).type);
    const isNew = !known.has(types.join());
    known.add(types.join());
    return isNew;
  });
}

function valuesOf(points: readonly Point[]): number[] {
  return points.flatMap(({ middle, runs }) => [middle.middle, ...runs.map(({ value }) => value)]);
}

function draw(
  { name, metric: { label }, scale, points, head }: Wish,
  id: string,
  legend: readonly LegendEntry[],
): string {
  const values = valuesOf(points);
  const near = nearTo(values);
  const runCount = points.reduce((sum, { runs }) => sum + runs.length, 0);
  const groups = bySeries(points);
  return svgOf({
    id,
    ...head,
    options: {
      x: {
        label: name,
        grid: true,
        ...scaleOf(points.map(({ x }) => x), scale),
        nice: false,
        inset: 12 + APART * groups.length / 2,
        ...ticksOf(points),
      },
      y: { label, grid: true, ...scaleOf(values, scale) },
    },
    legend,
    marks: groups.flatMap(([{ color, symbol, dash }, own], group) => {
      // Beside each other, where several have the same value.
      const dx = APART * (group - (groups.length - 1) / 2);
      const runs = own.flatMap((point) => point.runs.map((run) => ({ ...run, x: point.x, row: point.row })));
      return [
        ...[...Map.groupBy(own, (point) => point.line).values()].map((points) =>
          line(points, {
            x: "x",
            y: (point: Point) => point.middle.middle,
            stroke: color,
            strokeOpacity: 0.5,
            strokeWidth: 1,
            strokeDasharray: dash,
            dx,
          })
        ),
        ruleX(own.filter(({ middle }) => middle.low !== null && middle.high !== null), {
          x: "x",
          y1: (point: Point) => near(point.middle.low ?? NaN),
          y2: (point: Point) => near(point.middle.high ?? NaN),
          stroke: color,
          strokeWidth: 2,
          dx,
        }),
        dot(runs, {
          x: "x",
          y: "value",
          r: 2,
          stroke: color,
          strokeOpacity: 0.7,
          dx,
          ...runCount > MANY
            ? onePath("dots", {
              attributes: {
                stroke: color,
                "stroke-opacity": "0.5",
                "stroke-width": "3",
                transform: `translate(${dx},0)`,
              },
            })
            : tagged((index) => {
              const { run, key, value, row } = runs[index] ?? {};
              return {
                config: row?.hash ?? null,
                run: key ?? null,
                title: cycleValueText(run?.cycle ?? 0, numberText(value)),
              };
            }),
        }),
        dot(own, {
          x: "x",
          y: (point: Point) => point.middle.middle,
          fill: color,
          symbol,
          r: 4,
          dx,
          ...tagged((index) => {
            const { row, middle } = own[index] ?? {};
            return {
              config: row?.hash ?? null,
              run: null,
              title: `${row?.name}: ${intervalText(middle ?? null)}`,
            };
          }),
        }),
      ];
    }),
  });
}

/** The varied path whose values are numbers, the most of them; null where none has two. */
function sweptPath(rows: readonly PlotRow[]): string | null {
  const paths = [...new Set(rows.flatMap(({ row }) => Object.keys(row.varied)))];
  const counted = paths.map((path) => {
    const values = rows.map(({ row }) => row.varied[path]).filter((value) => typeof value === "number");
    return { path, count: values.length * 2 < rows.length ? 0 : new Set(values).size };
  }).filter(({ count }) => count >= 2).sort((a, b) => b.count - a.count);
  return counted[0]?.path ?? null;
}

/** As many whole lines as there is room for, first that of the best: the best points alone would be no sweep. */
function wholeLines(
  rows: readonly PlotRow[],
  lineOf: (row: PlotRow) => string,
  { metric, better }: PlotMetric,
): readonly PlotRow[] {
  if (rows.length <= MOST_POINTS) return rows;
  const lines = [...Map.groupBy(rows, lineOf).values()];
  const sign = better === "less" ? 1 : -1;
  const costs = lines.map((line) =>
    smallest(line.map(({ row }) => {
      const value = middleOf(row, metric)?.middle;
      return value === undefined ? Infinity : sign * value;
    }))
  );
  const first = costs.indexOf(smallest(costs));
  const [best] = lines.splice(Math.max(first, 0), 1);
  let room = MOST_POINTS - (best?.length ?? 0);
  const every = Math.max(1, Math.floor(lines.length * (lines[0]?.length ?? 1) / Math.max(room, 1)));
  const others = lines.filter((line, at) => at % every === 0 && (room -= line.length) >= 0);
  const chosen = new Set([best ?? [], ...others].flat());
  return rows.filter((row) => chosen.has(row));
}

function otherPaths(rows: readonly PlotRow[], path: string): string[] {
  return [...new Set(rows.flatMap(({ row }) => Object.keys(row.varied)))].filter((other) => other !== path);
}

/** Few values are the ticks themselves, where there is room between them. */
function ticksOf(
  points: readonly Point[],
): { readonly ticks?: readonly number[]; readonly tickFormat?: (value: number) => string } {
  const values = [...new Set(points.map(({ x }) => x))];
  if (values.length > 12) return {};
  const at = scaleOf(values).type === "log" ? values.map(Math.log) : values;
  const room = (largest(at) - smallest(at)) * LEAST_ROOM;
  const isTight = at.some((one, index) => index > 0 && one - (at[index - 1] ?? 0) < room);
  return isTight ? {} : { ticks: values, tickFormat: numberText };
}

/** Between two ticks, of the axis. */
const LEAST_ROOM = 0.04;

function bestOf(points: readonly Point[], better: "less" | "more" | null): string | null {
  if (better === null) return null;
  const sign = better === "less" ? 1 : -1;
  const best = points.toSorted((a, b) => sign * (a.middle.middle - b.middle.middle))[0];
  return best === undefined ? null : `${best.row.name}: ${intervalText(best.middle)}`;
}
