import { metricHeading } from "../../results/metric_declarations.ts";
import { areaY, dot, line, ruleX } from "@observablehq/plot";
import { basename, resolve } from "node:path";
import type { ConfigurationHistory, HistoryPoint, MetricHistory } from "../../results/history/history.ts";
import type { Chart } from "../html/charts/chart.ts";
import { type LegendEntry, svgOf, tagged } from "../html/charts/drawing.ts";
import { scaleOf } from "../html/charts/metric.ts";
import { INK, SYMBOL_PATHS, type SymbolName } from "../html/charts/palette.ts";
import { configurationName } from "./configuration_name.ts";
import {
  CHART,
  chartText,
  chartTitle,
  HISTORY_COLUMNS,
  pointText,
  STANDINGS,
  valueWithInterval,
} from "./messages.ts";
import { rowOf } from "./history_text.ts";

/** How a study stands out: by colour and by sign. */
const SIGNS = {
  unjudged: { color: INK.faint, symbol: "circle" },
  expected: { color: INK.plain, symbol: "circle" },
  better: { color: INK.better, symbol: "triangle" },
  worse: { color: INK.worse, symbol: "square" },
  different: { color: INK.worse, symbol: "diamond" },
} as const satisfies Record<HistoryPoint["standing"], { color: string; symbol: SymbolName }>;

interface Dot extends HistoryPoint {
  readonly at: Date;
}

/** The studies of a configuration in time, over what the earlier ones predicted for each. `id`: unique in the page. */
export function historyChart(configuration: ConfigurationHistory, history: MetricHistory, id: string): Chart {
  const { metric, points } = history;
  const name = configurationName(configuration);
  const label = metricHeading(metric);
  const outside = points.filter(({ standing }) => standing !== "expected" && standing !== "unjudged").length;
  const dots = points.flatMap((point): Dot[] => {
    const at = point.started_at === null ? NaN : Date.parse(point.started_at);
    return Number.isNaN(at) ? [] : [{ ...point, at: new Date(at) }];
  });
  const days = dots.map(({ at }) => at.toISOString().slice(0, 10)).sort();
  const [first, last] = [days.at(0), days.at(-1)];
  const span = first === undefined || last === undefined || first === last ? null : [first, last] as const;
  const head = { id, title: chartTitle(name, label), description: chartText(points.length, span, outside) };
  const changed = dots.filter(({ changes }) => changes.length > 0);
  const used = [...new Set(dots.map(({ standing }) => standing))];
  const legend: LegendEntry[] = [
    ...used.filter((standing) => standing !== "unjudged").map((standing) => ({
      label: STANDINGS[standing] === "" ? CHART.study : STANDINGS[standing],
      color: SIGNS[standing].color,
      symbol: SYMBOL_PATHS[SIGNS[standing].symbol],
    })),
    ...used.includes("unjudged")
      ? [{ label: CHART.unjudged, color: SIGNS.unjudged.color, symbol: SYMBOL_PATHS.circle }]
      : [],
    ...dots.some(({ expected }) => expected !== null)
      ? [{ label: CHART.expected, color: INK.band, symbol: "M-8,-6H8V6H-8Z" }]
      : [],
    ...changed.length > 0 ? [{ label: CHART.changed, color: INK.faint, symbol: null, dash: "4 3" }] : [],
  ];
  const svg = dots.length === 0 ? "" : svgOf({
    ...head,
    legend,
    options: {
      marginTop: 36,
      x: { type: "utc", label: HISTORY_COLUMNS.started, inset: 8 },
      y: {
        label,
        grid: true,
        ...scaleOf(
          dots.flatMap(({ value, expected }) => [value, ...expected === null ? [] : [expected.low]]),
        ),
        zero: false,
      },
    },
    marks: [
      areaY(dots, {
        x: "at",
        y1: ({ expected }: Dot) => expected?.low,
        y2: ({ expected }: Dot) => expected?.high,
        fill: INK.band,
      }),
      ruleX(changed, { x: "at", stroke: INK.faint, strokeDasharray: "4 3" }),
      line(dots, { x: "at", y: "value", stroke: INK.faint, strokeWidth: 1 }),
      ruleX(dots.filter(({ low95 }) => low95 !== null), {
        x: "at",
        y1: "low95",
        y2: "high95",
        stroke: INK.faint,
        strokeWidth: 1,
      }),
      ...used.map((standing) => {
        const own = dots.filter((point) => point.standing === standing);
        return dot(own, {
          x: "at",
          y: "value",
          r: standing === "expected" || standing === "unjudged" ? 3 : 5,
          fill: SIGNS[standing].color,
          symbol: SIGNS[standing].symbol,
          ...tagged((index) => ({ config: null, run: null, title: titleOf(own[index]) })),
        });
      }),
    ],
  });
  return {
    ...head,
    svg,
    absent: svg === "" ? CHART.absent : null,
    table: {
      head: [
        HISTORY_COLUMNS.started,
        HISTORY_COLUMNS.study,
        HISTORY_COLUMNS.runs,
        label,
        HISTORY_COLUMNS.expected,
        HISTORY_COLUMNS.standing,
      ],
      rows: points.map(rowOf),
      left_out: 0,
    },
  };
}

function titleOf(point: Dot | undefined): string | null {
  if (point === undefined) return null;
  const { study_dir, value, low95, high95, standing, changes } = point;
  return pointText(
    basename(resolve(study_dir)),
    valueWithInterval(value, low95, high95),
    STANDINGS[standing],
    changes,
  );
}
