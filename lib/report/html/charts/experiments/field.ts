import { cell, line, ruleX, text } from "@observablehq/plot";
import { largest, smallest } from "../../../../base/numbers.ts";
import { shortLabel } from "../../../run_name.ts";
import type { Chart, ChartFilter } from "../chart.ts";
import { svgOf, tagged } from "../drawing.ts";
import { fieldText, fieldTitle, FILTER, parallelText, parallelTitle } from "./messages.ts";
import { moreLeftOut } from "../messages.ts";
import { intervalText, numberText, type PlotMetric } from "../metric.ts";
import type { PageContext } from "../page_context.ts";
import { CIVIDIS, INK, inkOn } from "../palette.ts";
import { type Middle, middleOf, MOST_TABLE_ROWS, type PlotRow, shownRows, variedCell } from "../rows.ts";

const MOST_CELLS_A_SIDE = 24;
const MOST_LINES = 300;

interface Place {
  readonly row: PlotRow;
  readonly middle: Middle;
  /** Of the colours, 0 for the smallest value. */
  readonly step: number;
}

/** The main metric over what is swept: two settings as a field, more of them as lines across their axes. */
export function field({ data, rows, main }: PageContext): Chart | null {
  if (main === null || data.tables.length > 1) return null;
  const paths = [...new Set(rows.flatMap(({ row }) => Object.keys(row.varied)))].filter((path) =>
    new Set(rows.map((row) => variedCell(row, path))).size > 1
  );
  const known = rows.flatMap((row) => {
    const middle = middleOf(row.row, main.metric);
    return middle === null ? [] : [{ row, middle }];
  });
  if (known.length < 3) return null;
  const stepOf = stepsOf(known.map(({ middle }) => middle.middle));
  const places = known.map((each): Place => ({ ...each, step: stepOf(each.middle.middle) }));
  const [first, second] = paths;
  if (first === undefined || second === undefined) return null;
  const chart = paths.length === 2 ? heatmap(places, [first, second], main) : parallel(places, paths, main);
  return chart === null ? null : { ...chart, interaction: filterOf(places, paths.slice(0, MOST_AXES), main) };
}

const MOST_AXES = 7;
const MOST_FILTERED = 500;

/** By each setting and the main metric; experiments beyond the bound are never filtered out. */
function filterOf(all: readonly Place[], paths: readonly string[], { label }: PlotMetric): ChartFilter {
  const places = all.slice(0, MOST_FILTERED);
  const axes = [
    ...paths.map((path) => ({
      label: shortLabel(path),
      values: valuesOf(places, path),
      textOf: ({ row }: Place) => variedCell(row, path),
    })),
    metricSteps(places, label),
  ];
  return {
    kind: "filter",
    words: FILTER,
    axes: axes.map(({ label, values }) => ({
      label,
      values,
      rises: values.length > 2 && values.every((value) => value !== "" && Number.isFinite(Number(value))),
    })),
    rows: Object.fromEntries(
      places.map((
        place,
      ) => [place.row.hash, axes.map(({ values, textOf }) => values.indexOf(textOf(place)))]),
    ),
  };
}

/** The values of a metric from the lowest on, told apart by four digits. */
function metricSteps(
  places: readonly Place[],
  label: string,
): { readonly label: string; readonly values: string[]; readonly textOf: (place: Place) => string } {
  const textOf = ({ middle }: Place): string => String(Number(middle.middle.toPrecision(4)));
  const values = [...new Set(places.map(textOf))].sort((a, b) => Number(a) - Number(b));
  return { label, values, textOf };
}

/** By logarithms where that can be. */
function stepsOf(values: readonly number[]): (value: number) => number {
  const isPositive = smallest(values) > 0;
  const scaled = (value: number): number => isPositive ? Math.log(value) : value;
  const [low, high] = [scaled(smallest(values)), scaled(largest(values))];
  return (value) =>
    high === low
      ? 0
      : Math.min(Math.floor((scaled(value) - low) / (high - low) * CIVIDIS.length), CIVIDIS.length - 1);
}

function heatmap(
  places: readonly Place[],
  [xPath, yPath]: readonly [string, string],
  { label, better }: PlotMetric,
): Chart | null {
  const [xs, ys] = [xPath, yPath].map((path) => valuesOf(places, path));
  if (
    xs === undefined || ys === undefined || xs.length > MOST_CELLS_A_SIDE || ys.length > MOST_CELLS_A_SIDE
  ) return null;
  const head = {
    id: "field",
    title: fieldTitle(label, shortLabel(xPath), shortLabel(yPath)),
    description: fieldText({
      label,
      x: shortLabel(xPath),
      y: shortLabel(yPath),
      count: places.length,
      best: bestOf(places, better),
    }),
  };
  const widest = largest(ys.map(({ length }) => length));
  const svg = svgOf({
    ...head,
    options: {
      height: ys.length * 30 + 80,
      marginLeft: Math.min(260, 40 + 6.5 * widest),
      x: { domain: xs, label: shortLabel(xPath), tickSize: 0 },
      y: { domain: ys, label: shortLabel(yPath), tickSize: 0 },
    },
    marks: [
      cell(places, {
        x: ({ row }: Place) => variedCell(row, xPath),
        y: ({ row }: Place) => variedCell(row, yPath),
        fill: ({ step }: Place) => CIVIDIS[step],
        inset: 0.5,
        ...tagged((index) => tagOf(places[index])),
      }),
      ...xs.length > 14 ? [] : [text(places, {
        x: ({ row }: Place) => variedCell(row, xPath),
        y: ({ row }: Place) => variedCell(row, yPath),
        text: ({ middle }: Place) => numberText(middle.middle),
        fill: ({ step }: Place) => inkOn(step),
        pointerEvents: "none",
      })],
    ],
  });
  return { ...head, svg, absent: null, table: tableOf(places, [xPath, yPath], label) };
}

function parallel(all: readonly Place[], paths: readonly string[], main: PlotMetric): Chart {
  const { label, better } = main;
  const { rows: shown, left_out } = shownRows(all.map(({ row }) => row), MOST_LINES, main);
  const chosen = new Set(shown);
  const places = all.filter(({ row }) => chosen.has(row));
  const axes = [
    ...paths.slice(0, MOST_AXES).map((path) => {
      const values = valuesOf(places, path);
      const at = new Map(
        values.map((value, index) => [value, values.length === 1 ? 0.5 : index / (values.length - 1)]),
      );
      return {
        name: shortLabel(path),
        ticks: spaced(values, at),
        at: (place: Place) => at.get(variedCell(place.row, path)) ?? 0,
      };
    }),
    metricAxis(places, label),
  ];
  const head = {
    id: "field",
    title: parallelTitle(label),
    description: parallelText({
      label,
      count: places.length,
      axes: axes.map(({ name }) => name),
      best: bestOf(places, better),
    }) +
      moreLeftOut(left_out, "experiment"),
  };
  const ticks = axes.flatMap(({ ticks }, x) => ticks.map((tick) => ({ ...tick, x })));
  const svg = svgOf({
    ...head,
    options: {
      height: 340,
      marginRight: 90,
      x: {
        domain: [0, axes.length - 1],
        ticks: axes.map((_, x) => x),
        tickFormat: (x: number) => axes[x]?.name ?? "",
        label: null,
        tickSize: 0,
      },
      y: { axis: null, domain: [0, 1], inset: 6 },
    },
    marks: [
      // The best last, on top of the others.
      ...places.toSorted((a, b) =>
        better === "less" ? b.middle.middle - a.middle.middle : a.middle.middle - b.middle.middle
      ).map((place) =>
        line(axes.map(({ at }, x) => ({ x, y: at(place) })), {
          x: "x",
          y: "y",
          stroke: CIVIDIS[place.step] ?? INK.plain,
          strokeWidth: 1.5,
          ...tagged(() => tagOf(place)),
        })
      ),
      ruleX(axes.map((_, x) => x), { stroke: INK.plain }),
      text(ticks, {
        x: "x",
        y: "y",
        text: "text",
        dx: 5,
        textAnchor: "start",
        stroke: "var(--ground,#ffffff)",
        strokeWidth: 3,
        fill: INK.plain,
      }),
    ],
  });
  return { ...head, svg, absent: null, table: tableOf(places, paths, label) };
}

interface Tick {
  readonly text: string;
  readonly y: number;
}

function metricAxis(
  places: readonly Place[],
  name: string,
): { readonly name: string; readonly ticks: readonly Tick[]; readonly at: (place: Place) => number } {
  const values = places.map(({ middle }) => middle.middle);
  const [low, high] = [smallest(values), largest(values)];
  const at = ({ middle }: Place): number => high === low ? 0.5 : (middle.middle - low) / (high - low);
  return { name, at, ticks: [{ text: numberText(low), y: 0 }, { text: numberText(high), y: 1 }] };
}

/** As many as fit beside their axis. */
function spaced(values: readonly string[], at: ReadonlyMap<string, number>): Tick[] {
  const every = Math.ceil(values.length / 10);
  return values.filter((_, index) => index % every === 0).map((value) => ({
    text: value.length <= 14 ? value : `${value.slice(0, 11)}...`,
    y: at.get(value) ?? 0,
  }));
}

/** Numbers by their size, else in the order of the file. */
function valuesOf(places: readonly Place[], path: string): string[] {
  const values = [...new Set(places.map(({ row }) => variedCell(row, path)))];
  return values.every((value) => value !== "" && Number.isFinite(Number(value)))
    ? values.sort((a, b) => Number(a) - Number(b))
    : values;
}

function tagOf(
  place: Place | undefined,
): { readonly config: string | null; readonly run: null; readonly title: string } {
  return {
    config: place?.row.hash ?? null,
    run: null,
    title: `${place?.row.name}: ${intervalText(place?.middle ?? null)}`,
  };
}

function tableOf(
  places: readonly Place[],
  paths: readonly string[],
  label: string,
): Chart["table"] {
  return {
    head: [...paths.map(shortLabel), label],
    rows: places.slice(0, MOST_TABLE_ROWS).map((
      { row, middle },
    ) => [...paths.map((path) => variedCell(row, path)), intervalText(middle)]),
    left_out: Math.max(places.length - MOST_TABLE_ROWS, 0),
  };
}

function bestOf(places: readonly Place[], better: "less" | "more" | null): string | null {
  if (better === null) return null;
  const sign = better === "less" ? 1 : -1;
  const best = places.toSorted((a, b) => sign * (a.middle.middle - b.middle.middle))[0];
  return best === undefined ? null : `${best.row.name}: ${intervalText(best.middle)}`;
}
