import { barX } from "@observablehq/plot";
import { largest, smallest } from "../../../../base/numbers.ts";
import type { EnergySplit } from "../../../../archive/report/run_details.ts";
import { meanOf } from "../../../../statistics/moments.ts";
import type { Chart } from "../chart.ts";
import { svgOf, tagged } from "../drawing.ts";
import { barEntry, laneAxis, lanesHeight } from "../lanes.ts";
import { ENERGY, energyPartText, energySplitText, energySplitTitle } from "./messages.ts";
import { moreLeftOut } from "../messages.ts";
import { numberText, plotMetric } from "../metric.ts";
import type { PageContext } from "../page_context.ts";
import { COLORS } from "../palette.ts";
import { type PlotRow, shownRows } from "../rows.ts";

const MOST_LINES = 40;

const PARTS = ["bare", "context", "loaded", "active"] as const;
type Part = typeof PARTS[number];

const COLOR: Readonly<Record<Part, string>> = {
  bare: COLORS[7],
  context: COLORS[4],
  loaded: COLORS[5],
  active: COLORS[0],
};

interface Segment {
  readonly row: PlotRow;
  readonly line: string;
  readonly part: Part;
  readonly from: number;
  readonly to: number;
}

/** Where the joules went: what the boards draw idle, with a context, with the loaded model, and the work itself. */
export function energySplit({ data, rows, rowOf }: PageContext): Chart | null {
  const byRow = Map.groupBy(data.runs.filter(({ energy }) => typeof energy?.headline_j === "number"), rowOf);
  const withEnergy = rows.filter((row) => byRow.has(row));
  const perToken = withEnergy.every((row) =>
    (byRow.get(row) ?? []).every(({ energy }) => (energy?.output_tokens ?? 0) > 0)
  );
  const { rows: shown, left_out } = shownRows(withEnergy, MOST_LINES, plotMetric("j_per_output_token"));
  const unit = perToken ? ENERGY.perToken : ENERGY.perRun;
  const segments = shown.flatMap((row, index): Segment[] => {
    const splits = (byRow.get(row) ?? []).flatMap(({ energy }) => energy ?? []);
    const shares = splits.map((split) => partsOf(split, perToken));
    let from = 0;
    return PARTS.flatMap((part): Segment[] => {
      const known = shares.flatMap((each) => each[part] ?? []);
      if (known.length === 0) return [];
      const to = from + meanOf(known);
      const segment = { row, line: String(index), part, from, to };
      from = to;
      return [segment];
    });
  });
  const parts = PARTS.filter((part) => segments.some((segment) => segment.part === part));
  if (parts.length < 2) return null;
  const work = shown.map((row) => {
    const own = segments.filter((segment) => segment.row === row);
    const [active, whole] = [own.find(({ part }) => part === "active"), own.at(-1)?.to ?? NaN];
    return active === undefined ? NaN : (active.to - active.from) / whole;
  }).filter(Number.isFinite);
  const head = {
    id: "energy-split",
    title: energySplitTitle(unit),
    description: energySplitText({
      unit,
      least: numberText(100 * smallest(work)),
      most: numberText(100 * largest(work)),
      isUseful: work.length > 0,
    }) + moreLeftOut(left_out, "experiment"),
  };
  const { marginLeft, y } = laneAxis(shown.map(({ name }) => name));
  const svg = svgOf({
    ...head,
    options: {
      height: lanesHeight(shown.length),
      marginLeft,
      x: { label: unit, grid: true },
      y,
    },
    legend: parts.map((part) => barEntry(ENERGY.parts[part], COLOR[part])),
    marks: parts.map((part) => {
      const own = segments.filter((segment) => segment.part === part);
      return barX(own, {
        y: "line",
        x1: "from",
        x2: "to",
        fill: COLOR[part],
        ...tagged((index) => {
          const { row, from = 0, to = 0 } = own[index] ?? {};
          return {
            config: row?.hash ?? null,
            run: null,
            title: energyPartText(row?.name ?? "", ENERGY.parts[part], numberText(to - from), unit),
          };
        }),
      });
    }),
  });
  return {
    ...head,
    svg,
    absent: null,
    table: {
      head: [ENERGY.setting, ...parts.map((part) => ENERGY.parts[part]), unit],
      rows: shown.map((row) => {
        const own = segments.filter((segment) => segment.row === row);
        const widths = parts.map((part) => own.find((segment) => segment.part === part));
        return [
          row.name,
          ...widths.map((segment) => segment === undefined ? "" : numberText(segment.to - segment.from)),
          numberText(own.at(-1)?.to),
        ];
      }),
      left_out: rows.length - shown.length,
    },
  };
}

/** Joules of each part; one of an unknown level is in the next known one. A negative difference is within the errors: 0. */
function partsOf(
  { headline_j, window_s, output_tokens, bare_w, context_w, loaded_w }: EnergySplit,
  perToken: boolean,
): Partial<Record<Part, number>> {
  const by = perToken ? output_tokens ?? 1 : 1;
  const found: Partial<Record<Part, number>> = {};
  let below = 0;
  for (const [part, level] of [["bare", bare_w], ["context", context_w], ["loaded", loaded_w]] as const) {
    if (level === null) continue;
    const joules = Math.min(level * window_s, headline_j ?? 0);
    found[part] = Math.max(joules - below, 0) / by;
    below = Math.max(joules, below);
  }
  found.active = Math.max((headline_j ?? 0) - below, 0) / by;
  return found;
}
