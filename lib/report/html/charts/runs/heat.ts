import { dot, ruleX } from "@observablehq/plot";
import { largest, smallest } from "../../../../base/numbers.ts";
import type { RunDetails, RunHeat } from "../../../../archive/report/run_details.ts";
import type { Chart } from "../chart.ts";
import { MANY, onePath, svgOf, tagged } from "../drawing.ts";
import { HEAT, heatRunText, heatText } from "./messages.ts";
import { moreLeftOut } from "../messages.ts";
import { numberText, wholeTicks } from "../metric.ts";
import type { PageContext } from "../page_context.ts";
import { COLORS, INK, SYMBOL_PATHS } from "../palette.ts";
import { MOST_TABLE_ROWS, runKey } from "../rows.ts";

const MOST_RUNS = 600;

interface Hot {
  readonly run: RunDetails;
  readonly heat: RunHeat;
  readonly low: number;
  readonly high: number;
}

/** Temperatures and clocks of the boards in every run's window, in the order of the runs; runs that were throttled are marked. */
export function heat(page: PageContext): Chart[] {
  const known = page.data.tables.length > 1
    ? []
    : page.data.runs.flatMap((run) => run.heat === null ? [] : [{ run, heat: run.heat }]);
  const temperatures = known.flatMap(({ run, heat }): Hot[] => {
    const { start_c, end_c, max_c } = heat;
    if (max_c === null) return [];
    return [{ run, heat, low: Math.min(start_c ?? max_c, end_c ?? max_c), high: max_c }];
  });
  const clocks = known.flatMap(({ run, heat }): Hot[] =>
    heat.sm_mean_mhz === null
      ? []
      : [{ run, heat, low: heat.sm_min_mhz ?? heat.sm_mean_mhz, high: heat.sm_mean_mhz }]
  );
  return [
    ...temperatures.length < 2 ? [] : [heatChart(page, "temperature", temperatures)],
    ...clocks.length < 2 ? [] : [heatChart(page, "clocks", clocks)],
  ];
}

function heatChart({ rowOf }: PageContext, kind: "temperature" | "clocks", all: readonly Hot[]): Chart {
  const hot = all.slice(0, MOST_RUNS);
  const throttled = hot.filter(({ heat }) => heat.disqualifying.length > 0);
  const text = HEAT[kind];
  const head = {
    id: kind,
    title: text.title,
    description: heatText({
      kind,
      runs: hot.length,
      low: numberText(smallest(hot.map(({ low }) => low))),
      high: numberText(largest(hot.map(({ high }) => high))),
      throttled: throttled.length,
    }) + moreLeftOut(all.length - hot.length, "run"),
  };
  const color = kind === "temperature" ? COLORS[1] : COLORS[0];
  const svg = svgOf({
    ...head,
    options: {
      height: 220,
      x: { label: HEAT.order, inset: 6, ...wholeTicks(largest(hot.map(({ run }) => run.index))) },
      y: { label: text.axis, grid: true, nice: true, zero: false },
    },
    legend: [
      { label: text.range, color, symbol: "M0,-7V7" },
      { label: text.point, color, symbol: SYMBOL_PATHS.circle },
      ...throttled.length === 0
        ? []
        : [{ label: HEAT.throttled, color: INK.worse, symbol: SYMBOL_PATHS.triangle }],
    ],
    marks: [
      ruleX(hot, {
        x: ({ run }: Hot) => run.index,
        y1: "low",
        y2: "high",
        ...onePath("rules", { attributes: { stroke: color, "stroke-opacity": "0.6" } }),
      }),
      dot(hot, {
        x: ({ run }: Hot) => run.index,
        y: "high",
        r: 3,
        fill: color,
        ...hot.length > MANY
          ? onePath("dots", { attributes: { stroke: color, "stroke-width": "3" } })
          : tagged((index) => {
            const { run, low = NaN, high = NaN } = hot[index] ?? {};
            const name = run === undefined ? "" : rowOf(run)?.name ?? "";
            return {
              config: run?.config_hash ?? null,
              run: run === undefined ? null : runKey(run),
              title: heatRunText(run?.index ?? 0, name, numberText(low), numberText(high)),
            };
          }),
      }),
      dot(throttled, {
        x: ({ run }: Hot) => run.index,
        y: "high",
        r: 6,
        symbol: "triangle",
        stroke: INK.worse,
        strokeWidth: 2,
      }),
    ],
  });
  const told = [...throttled, ...hot.filter((each) => !throttled.includes(each))].slice(0, MOST_TABLE_ROWS);
  return {
    ...head,
    svg,
    absent: null,
    table: {
      head: [HEAT.order, HEAT.setting, HEAT.cycle, text.low, text.high, HEAT.causes],
      rows: told.map(({ run, heat, low, high }) => [
        String(run.index),
        rowOf(run)?.name ?? "",
        String(run.cycle),
        numberText(low),
        numberText(high),
        Object.entries(heat.throttled_s).map(([cause, seconds]) => `${cause} ${numberText(seconds)} s`).join(
          ", ",
        ),
      ]),
      left_out: all.length - told.length,
    },
  };
}
