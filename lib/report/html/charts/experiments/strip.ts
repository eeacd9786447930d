import { dot, tickX } from "@observablehq/plot";
import { largest } from "../../../../base/numbers.ts";
import type { Chart } from "../chart.ts";
import { svgOf, tagged } from "../drawing.ts";
import { cycleMarksText, flaggedText, runValueText, STRIP, stripText, stripTitle } from "./messages.ts";
import { moreLeftOut } from "../messages.ts";
import { intervalText, numberText, scaleOf } from "../metric.ts";
import type { PageContext } from "../page_context.ts";
import { INK, SYMBOL_PATHS } from "../palette.ts";
import { middleOf, type PlotRow, type RunValue, shownRows } from "../rows.ts";

const MOST_LINES = 100;

interface Dot extends RunValue {
  readonly row: PlotRow;
  /** Of its line. */
  readonly line: string;
}

/** Every run of every experiment by the main metric; those of which something is to be said have a ring. */
export function strip({ rows, main, runsOf, series }: PageContext): Chart | null {
  if (main === null) return null;
  const { metric, label } = main;
  const { rows: shown, left_out } = shownRows(
    rows.filter(({ row }) => middleOf(row.metrics[metric]) !== null),
    MOST_LINES,
    main,
  );
  const dots = shown.flatMap((row, line) =>
    runsOf(row, metric).map((run): Dot => ({ ...run, row, line: String(line) }))
  );
  if (dots.length < 2) return null;
  const flagged = dots.filter(({ marks }) => marks.length > 0);
  const head = {
    id: "cycles",
    title: stripTitle(label),
    description: stripText({ label, runs: dots.length, experiments: shown.length, flagged: flagged.length }) +
      moreLeftOut(left_out, "experiment"),
  };
  const names = shown.map(({ name }) => name.length <= 36 ? name : `${name.slice(0, 33)}...`);
  const svg = svgOf({
    ...head,
    options: {
      height: shown.length * (shown.length > 40 ? 13 : 20) + 60,
      marginLeft: Math.min(260, 20 + 6.5 * largest(names.map(({ length }) => length))),
      x: { label, grid: true, ...scaleOf(dots.map(({ value }) => value)) },
      y: {
        domain: shown.map((_, line) => String(line)),
        label: null,
        tickSize: 0,
        tickFormat: (key: string) => names[Number(key)] ?? "",
      },
    },
    legend: [
      { label: STRIP.run, color: INK.faint, symbol: SYMBOL_PATHS.circle },
      { label: STRIP.mean, color: INK.plain, symbol: "M0,-7V7" },
      ...flagged.length === 0 ? [] : [{ label: STRIP.flagged, color: INK.worse, symbol: RING }],
    ],
    marks: [
      tickX(shown, {
        x: (row: PlotRow) => middleOf(row.row.metrics[metric])?.middle,
        y: (_: PlotRow, line: number) => String(line),
        stroke: INK.plain,
        strokeWidth: 1.5,
      }),
      dot(dots, {
        x: "value",
        y: "line",
        r: 3,
        fill: (each: Dot) => series.of(each.row).color,
        fillOpacity: 0.8,
        ...tagged((index) => {
          const { run, key, row, value, marks } = dots[index] ?? {};
          const title = runValueText(row?.name ?? "", run?.cycle ?? 0, numberText(value)) +
            flaggedText(marks ?? []);
          return { config: row?.hash ?? null, run: key ?? null, title };
        }),
      }),
      dot(flagged, { x: "value", y: "line", r: 5.5, stroke: INK.worse, strokeWidth: 1.5 }),
    ],
  });
  return {
    ...head,
    svg,
    absent: null,
    table: {
      head: [STRIP.setting, label, STRIP.runs, STRIP.flagged],
      rows: shown.map((row) => {
        const own = runsOf(row, metric);
        const marked = own.filter(({ marks }) => marks.length > 0);
        return [
          row.name,
          intervalText(middleOf(row.row.metrics[metric])),
          own.map(({ value }) => numberText(value)).join(", "),
          marked.map(({ run, marks }) => cycleMarksText(run.cycle, marks.join(", "))).join("; "),
        ];
      }),
      left_out: rows.length - shown.length,
    },
  };
}

const RING = "M5.5,0A5.5,5.5 0 1 1 -5.5,0A5.5,5.5 0 1 1 5.5,0ZM4,0A4,4 0 1 0 -4,0A4,4 0 1 0 4,0Z";
