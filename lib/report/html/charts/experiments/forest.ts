import { dot, rect, ruleX, ruleY, text } from "@observablehq/plot";
import { largest, smallest } from "../../../../base/numbers.ts";
import type {
  ComparedRow,
  CompareVerdict,
  StudyComparison,
} from "../../../../results/compare/study_comparison.ts";
import { variedText } from "../../../run_name.ts";
import { svgOf, tagged } from "../drawing.ts";
import { type LayeredChart, layerId } from "../layers.ts";
import { laneAxis, lanesHeight } from "../lanes.ts";
import { FOREST, forestText, forestTitle } from "./messages.ts";
import { moreLeftOut } from "../messages.ts";
import { plotMetric } from "../metric.ts";
import type { PageContext } from "../page_context.ts";
import { INK, SYMBOL_PATHS, type SymbolName } from "../palette.ts";

const MOST_METRICS = 3;
const MOST_LINES = 40;
/** A verdict that is wider than this many times the range of the ratios says no more by its width. */
const WIDEST = 1.5;

interface Line extends ComparedRow {
  readonly ratio: number;
  readonly name: string;
}

/** The ratios of a comparison with their intervals, one plot for each metric: the margin as a band, the verdict as symbol and word. */
export function forests({ data: { comparison } }: PageContext): LayeredChart[] {
  if (comparison === null) return [];
  const metrics = [...new Set(comparison.rows.map(({ metric }) => metric))].slice(0, MOST_METRICS);
  return metrics.flatMap((metric, index) => forestOf(comparison, metric, index) ?? []);
}

function forestOf(comparison: StudyComparison, metric: string, index: number): LayeredChart | null {
  const all = comparison.rows.filter((row) => row.metric === metric);
  const known = all.flatMap((row): Line[] =>
    row.ratio === null || !(row.ratio > 0) ? [] : [{ ...row, ratio: row.ratio, name: nameOf(row) }]
  );
  if (known.length === 0) return null;
  const lines = known.length <= MOST_LINES ? known : strongest(known);
  const { label } = plotMetric(metric);
  const base = nameOf(comparison.baseline);
  const margin = lines[0]?.margin ?? 0;
  const head = {
    // A worker may name its metrics as it likes.
    id: `ratios-${/^\w+$/.test(metric) ? metric.replaceAll("_", "-") : index + 1}`,
    title: forestTitle(label, base),
    description:
      forestText({ label, base, margin, counts: countsOf(known), left_out: all.length - known.length }) +
      moreLeftOut(known.length - lines.length, "ratio"),
  };
  const layers = ordersOf(lines).map(({ order, lines }, at) => ({
    id: order,
    label: FOREST.orders[order],
    svg: draw(lines, margin, { ...head, id: layerId(head.id, at) }),
  }));
  return {
    ...head,
    svg: layers[0]?.svg ?? "",
    absent: null,
    table: {
      head: [FOREST.setting, FOREST.axis, FOREST.interval, FOREST.p, FOREST.verdict],
      rows: lines.map((line) => [
        line.name,
        ratioText(line.ratio),
        line.ci95 === null ? "" : line.ci95.map(ratioText).join(" - "),
        line.p_adjusted === null ? "" : String(Number(line.p_adjusted.toPrecision(2))),
        FOREST.verdicts[line.verdict],
      ]),
      left_out: all.length - lines.length,
    },
    layers: { legend: FOREST.legend, choices: layers },
  };
}

/** The orders in which the lines are not the same, first that of the file. */
function ordersOf(
  lines: readonly Line[],
): { readonly order: keyof typeof FOREST.orders; readonly lines: readonly Line[] }[] {
  const all = [
    { order: "file", lines },
    { order: "effect", lines: lines.toSorted((a, b) => a.ratio - b.ratio) },
    { order: "evidence", lines: lines.toSorted(bySureness) },
  ] as const;
  const same = (a: readonly Line[], b: readonly Line[]): boolean => a.every((line, at) => line === b[at]);
  return all.filter((one, at) => !all.slice(0, at).some((other) => same(one.lines, other.lines)));
}

function draw(
  lines: readonly Line[],
  margin: number,
  head: { readonly id: string; readonly title: string; readonly description: string },
): string {
  const [low, high] = rangeOf(lines, margin);
  const within = (value: number): number => Math.min(Math.max(value, low), high);
  const { marginLeft, y } = laneAxis(lines.map(({ name }) => name));
  return svgOf({
    ...head,
    options: {
      height: lanesHeight(lines.length),
      marginLeft,
      marginRight: 250,
      x: {
        type: "log",
        domain: [low, high],
        label: FOREST.axis,
        grid: true,
        tickFormat: high / low > 3 ? sparse : (value: number) => String(Number(value.toPrecision(3))),
        ticks: 6,
      },
      y,
    },
    legend: LEGEND.filter(({ verdict }) => lines.some((line) => line.verdict === verdict)).map((
      { verdict },
    ) => ({
      label: FOREST.verdicts[verdict],
      color: colorOf(verdict),
      symbol: SYMBOL_PATHS[symbolOf(verdict)],
    })),
    marks: [
      rect([0], { x1: 1 / (1 + margin), x2: 1 + margin, fill: INK.band }),
      ruleX([1], { stroke: INK.plain }),
      ruleY(lines, {
        y: (line: Line) => String(lines.indexOf(line)),
        x1: ({ ci95, ratio }: Line) => within(ci95?.[0] ?? ratio),
        x2: ({ ci95, ratio }: Line) => within(ci95?.[1] ?? ratio),
        stroke: ({ verdict }: Line) => colorOf(verdict),
        strokeWidth: 2,
      }),
      ...LEGEND.map(({ verdict }) => {
        const own = lines.filter((line) => line.verdict === verdict);
        return dot(own, {
          y: (line: Line) => String(lines.indexOf(line)),
          x: "ratio",
          fill: colorOf(verdict),
          symbol: symbolOf(verdict),
          r: 4.5,
          ...tagged((index) => ({
            config: own[index]?.config_hash ?? null,
            run: null,
            title: `${own[index]?.name}: ${wordsOf(own[index])}`,
          })),
        });
      }),
      text(lines, {
        y: (line: Line) => String(lines.indexOf(line)),
        x: high,
        dx: 8,
        textAnchor: "start",
        text: (line: Line) => wordsOf(line),
      }),
    ],
  });
}

/** Of a long axis only 1, 2, 3 and 5 of a decade have room for their numbers. */
function sparse(value: number): string {
  const first = Number(value.toExponential(0).slice(0, 1));
  return [1, 2, 3, 5].includes(first) ? String(Number(value.toPrecision(3))) : "";
}

const LEGEND: readonly { readonly verdict: CompareVerdict }[] = [
  { verdict: "better" },
  { verdict: "worse" },
  { verdict: "different" },
  { verdict: "same" },
  { verdict: "small" },
  { verdict: "undecided" },
  { verdict: "not_comparable" },
];

function symbolOf(verdict: CompareVerdict): SymbolName {
  const symbols: Readonly<Record<CompareVerdict, SymbolName>> = {
    better: "triangle",
    worse: "square",
    same: "circle",
    small: "diamond",
    undecided: "cross",
    different: "star",
    not_comparable: "wye",
  };
  return symbols[verdict];
}

function colorOf(verdict: CompareVerdict): string {
  return verdict === "better" ? INK.better : verdict === "worse" ? INK.worse : INK.faint;
}

/** Those that are the surest, in their order. */
function strongest(lines: readonly Line[]): Line[] {
  const chosen = new Set(
    lines.toSorted(bySureness).slice(0, MOST_LINES),
  );
  return lines.filter((line) => chosen.has(line));
}

function bySureness(a: Line, b: Line): number {
  return (a.p_adjusted ?? 1) - (b.p_adjusted ?? 1) ||
    Math.abs(Math.log(b.ratio)) - Math.abs(Math.log(a.ratio));
}

function rangeOf(lines: readonly Line[], margin: number): [number, number] {
  const ratios = lines.map(({ ratio }) => Math.log(ratio));
  const most = Math.max(-smallest(ratios), largest(ratios), 2 * Math.log1p(margin), 0.02) * WIDEST;
  const ends = lines.flatMap(({ ci95 }) => ci95 === null ? [] : ci95.map(Math.log));
  const low = Math.max(smallest([...ratios, ...ends, -2 * Math.log1p(margin)]), -most);
  const high = Math.min(largest([...ratios, ...ends, 2 * Math.log1p(margin)]), most);
  return [Math.exp(low - 0.03 * (high - low)), Math.exp(high + 0.03 * (high - low))];
}

function wordsOf(line: Line | undefined): string {
  if (line === undefined) return "";
  const { ratio, ci95, significant, verdict } = line;
  const interval = ci95 === null ? "" : ` [${ci95.map(ratioText).join(", ")}]`;
  return `${ratioText(ratio)}x${interval} ${FOREST.verdicts[verdict]}${significant ? " *" : ""}`;
}

function ratioText(value: number): string {
  return value >= 100
    ? value.toPrecision(3)
    : value.toFixed(value < 0.1 || Math.abs(value - 1) < 0.1 ? 3 : 2);
}

function nameOf(
  { varied, study_dir }: { readonly varied: ComparedRow["varied"]; readonly study_dir: string },
): string {
  return variedText(varied) || (study_dir.split("/").findLast((part) => part !== "") ?? study_dir);
}

function countsOf(lines: readonly Line[]): Partial<Record<CompareVerdict, number>> {
  const counts: Partial<Record<CompareVerdict, number>> = {};
  for (const { verdict } of lines) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}
