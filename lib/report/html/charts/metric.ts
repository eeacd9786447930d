import { metricDeclaration, metricHeading } from "../../../results/metric_declarations.ts";
import { ownMetrics } from "../../../results/headline.ts";
import { formatNumber } from "../../../base/text.ts";
import { largest, smallest } from "../../../base/numbers.ts";
import type { StudyComparison } from "../../../results/compare/study_comparison.ts";
import type { Middle, PlotRow } from "./rows.ts";

/** A metric of a page, with the way in which it is good. */
export interface PlotMetric {
  readonly metric: string;
  readonly better: "less" | "more" | null;
  readonly label: string;
}

/** By which experiments are looked at where nobody asks for another one. */
const USUAL = ["j_per_output_token", "output_tokens_per_s"];

/**
 * By what a page is mostly about: the first metric of its comparison that its experiments have, else joules, else speed, else the
 * first one that a worker gave; null where there is no number at all.
 */
export function mainMetric(rows: readonly PlotRow[], comparison: StudyComparison | null): PlotMetric | null {
  const has = (name: string): boolean => rows.some(({ row }) => (row.metrics[name] ?? null) !== null);
  const compared = comparison?.rows.find(({ ratio, metric }) => ratio !== null && has(metric));
  const names = new Set(rows.flatMap(({ row }) => Object.keys(row.metrics)));
  const found = compared?.metric ?? USUAL.find(has) ?? ownMetrics(names).find(has) ?? null;
  return found === null ? null : plotMetric(found, compared?.better);
}

export function plotMetric(metric: string, better?: "less" | "more" | null): PlotMetric {
  return {
    metric,
    better: better ?? metricDeclaration(metric)?.better ?? null,
    label: metricHeading(metric),
  };
}

/** An axis of values. */
export interface PlotScale {
  readonly type: "log" | "linear";
  readonly nice: boolean;
  readonly inset: number;
  readonly domain?: readonly [number, number];
  readonly tickFormat?: (value: number) => string;
}

/** What a reader may choose: `fit` is what the values ask for. */
export type ScaleChoice = "fit" | "linear" | "log";

/**
 * By logarithms where the values are positive and span a decade, or where that is chosen and can be; around them where they are all
 * equal.
 */
export function scaleOf(values: readonly number[], choice: ScaleChoice = "fit"): PlotScale {
  const [low, high] = [smallest(values), largest(values)];
  if (low === high) {
    const around = Math.abs(low) / 10 || 1;
    return { type: "linear", nice: true, inset: 0, domain: [low - around, high + around] };
  }
  const isLog = choice === "log" || (choice === "fit" && high / low >= 10);
  return low > 0 && isLog
    ? { type: "log", nice: false, inset: 10, tickFormat: numberText }
    : { type: "linear", nice: true, inset: 0 };
}

/**
 * Holds the end of an interval near the values of a plot: of two runs it may lie a thousand times as far away as they do, and the rest
 * of the plot would be one point. The table has it as it is.
 */
export function nearTo(values: readonly number[]): (end: number) => number {
  const [low, high] = [smallest(values), largest(values)];
  const reach = Math.max((high - low) / 2, Math.abs(high) / 4);
  const least = low > 0 ? Math.max(low - reach, low / 2) : low - reach;
  return (end) => Math.min(Math.max(end, least), high + reach);
}

/** Whether an end of an interval lies beyond what is drawn of it. */
export function isCut(middles: readonly Middle[], near: (end: number) => number): boolean {
  return middles.some(({ low, high }) => [low, high].some((end) => end !== null && near(end) !== end));
}

/** The ticks of an axis of whole numbers from 1 on, where it would have fractions. */
export function wholeTicks(last: number): { readonly ticks?: readonly number[] } {
  return last > 12 ? {} : { ticks: Array.from({ length: last }, (_, at) => at + 1) };
}

/** A number for people; an empty cell for none. */
export function numberText(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value)
    ? ""
    : formatNumber(Number(value.toPrecision(4)));
}

/** `12.3 [12.1, 12.5]`. */
export function intervalText(middle: Middle | null): string {
  if (middle === null) return "";
  const { low, high } = middle;
  const interval = low === null || high === null ? "" : ` [${numberText(low)}, ${numberText(high)}]`;
  return numberText(middle.middle) + interval;
}
