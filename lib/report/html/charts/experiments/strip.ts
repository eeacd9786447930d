import { dot, tickX } from "@observablehq/plot";
import type { Chart } from "../chart.ts";
import { MANY, svgOf, tagged } from "../drawing.ts";
import { laneAxis, lanesHeight } from "../lanes.ts";
import { bySeries } from "../series.ts";
import { cycleMarksText, flaggedText, runValueText, STRIP, stripText, stripTitle } from "./messages.ts";
import { moreLeftOut } from "../messages.ts";
import { intervalText, numberText, scaleOf } from "../metric.ts";
import type { PageContext } from "../page_context.ts";
import { INK, RING, SYMBOL_PATHS } from "../palette.ts";
import { middleOf, MOST_TABLE_ROWS, type PlotRow, type RunValue, shownRows } from "../rows.ts";

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
    rows.filter(({ row }) => middleOf(row, metric) !== null),
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
  const { marginLeft, y } = laneAxis(shown.map(({ name }) => name));
  const svg = svgOf({
    ...head,
    options: {
      height: lanesHeight(shown.length),
      marginLeft,
      x: { label, grid: true, ...scaleOf(dots.map(({ value }) => value)) },
      y,
    },
    legend: [
      { label: STRIP.run, color: INK.faint, symbol: SYMBOL_PATHS.circle },
      { label: STRIP.mean, color: INK.plain, symbol: "M0,-7V7" },
      ...flagged.length === 0 ? [] : [{ label: STRIP.flagged, color: INK.worse, symbol: RING }],
    ],
    marks: [
      tickX(shown, {
        x: (row: PlotRow) => middleOf(row.row, metric)?.middle,
        y: (_: PlotRow, line: number) => String(line),
        stroke: INK.plain,
        strokeWidth: 1.5,
      }),
      ...bySeries(dots.map((each) => ({ ...each, series: series.of(each.row) }))).map(([{ color }, own]) =>
        dot(own, {
          x: "value",
          y: "line",
          r: 3,
          fill: color,
          fillOpacity: 0.8,
          ...tagged((index) => {
            const { run, key, row, value, marks = [] } = own[index] ?? {};
            const isMany = dots.length > MANY;
            const title = runValueText(isMany ? null : row?.name ?? "", run?.cycle ?? 0, numberText(value)) +
              flaggedText(marks);
            return { config: row?.hash ?? null, run: key ?? null, title };
          }),
        })
      ),
      dot(flagged, { x: "value", y: "line", r: 5.5, stroke: INK.worse, strokeWidth: 1.5 }),
    ],
  });
  return {
    ...head,
    svg,
    absent: null,
    table: {
      head: [STRIP.setting, label, STRIP.runs, STRIP.flagged],
      rows: shown.slice(0, MOST_TABLE_ROWS).map((row) => {
        const own = runsOf(row, metric);
        const marked = own.filter(({ marks }) => marks.length > 0);
        return [
          row.name,
          intervalText(middleOf(row.row, metric)),
          own.map(({ value }) => numberText(value)).join(", "),
          marked.map(({ run, marks }) => cycleMarksText(run.cycle, marks.join(", "))).join("; "),
        ];
      }),
      left_out: Math.max(rows.length - MOST_TABLE_ROWS, 0),
    },
  };
}
