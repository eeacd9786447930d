import { largest } from "../base/numbers.ts";
import type { Spread } from "../statistics/spread.ts";
import { valueApart } from "./apart.ts";
import { compareByCycle, type Comparison, type CycleValues, spreadOfAll } from "./comparison.ts";
import { ownMetrics } from "./headline.ts";
import type { SharedSpread } from "./shared_spread.ts";

/** A run whose number lies apart from those of the other cycles. It counts all the same. */
export interface Outlier {
  readonly metric: string;
  readonly cycle: number;
  readonly value: number;
}

/** What a row of a summary has by the others. */
export interface ComparedRows {
  readonly outliers: readonly Outlier[];
  /** This experiment over the first one of the study, by metric; empty for the first. */
  readonly vs_first: Readonly<Record<string, Comparison>>;
  /** The most output tokens per second of the study, where two experiments or more have a rate. */
  readonly best: boolean;
  /** Not the best, but not resolved from it either. */
  readonly ties_best: boolean;
}

/** A row before it is compared. */
export interface RowValues {
  readonly cycles: readonly number[];
  /** Each metric in each of these cycles. */
  readonly values: Readonly<Record<string, readonly (number | null)[]>>;
  readonly metrics: Readonly<Record<string, Spread | null>>;
  /** What its runs were made on, by cycle; left out where they were made one at a time. */
  readonly parallel?: readonly { readonly cycle: number; readonly devices: readonly string[] }[];
}

/** By which experiments are compared, where they have it, and outliers are looked for. */
const COMPARED_METRICS = ["output_tokens_per_s", "j_per_output_token"] as const;
const BEST_BY = "output_tokens_per_s";

/** With the difference of each experiment to the first one, its outliers, and the best of all. */
export function comparedRows<Row extends RowValues>(rows: readonly Row[]): (Row & ComparedRows)[] {
  const speeds = rows.map(({ metrics }) => metrics[BEST_BY]?.geomean ?? metrics[BEST_BY]?.mean ?? -Infinity);
  const known = speeds.filter(Number.isFinite);
  const best = known.length < 2 ? -1 : speeds.indexOf(largest(known));
  const metrics = comparedMetrics(rows);
  const vsFirst = new RowRatios(rows, 0);
  const vsBest = new RowRatios(rows, best);
  return rows.map((row, index) => ({
    ...row,
    outliers: outliersOf(row, metrics),
    vs_first: index === 0 ? {} : vsFirst.of(index, metrics),
    best: index === best,
    ties_best: best !== -1 && index !== best && isTied(vsBest.of(index, [BEST_BY])[BEST_BY]),
  }));
}

/** The output rates of both are known, and are equal or do not settle which of them is the higher. */
function isTied(found: Comparison | undefined): boolean {
  return found !== undefined && (found.verdict !== "resolved" || found.ratio === 1);
}

/** Rows over one of them by any metric, with the spread that all share where they do. */
class RowRatios {
  readonly #rows: readonly RowValues[];
  readonly #boards: readonly ReadonlyMap<number, readonly string[]>[];
  readonly #base: number;
  readonly #byMetric = new Map<string, readonly CycleValues[]>();
  readonly #shared = new Map<string, SharedSpread<CycleValues> | null>();

  constructor(rows: readonly RowValues[], base: number) {
    this.#rows = rows;
    this.#boards = rows.map(({ parallel = [] }) =>
      new Map(parallel.map(({ cycle, devices }) => [cycle, devices]))
    );
    this.#base = base;
  }

  of(index: number, metrics: readonly string[]): Record<string, Comparison> {
    return Object.fromEntries(metrics.flatMap((metric) => {
      const all = this.#byMetric.get(metric) ??
        this.#rows.map(({ cycles, values }, at) => ({
          cycles,
          values: values[metric] ?? [],
          boards: this.#boards[at] ?? new Map(),
        }));
      this.#byMetric.set(metric, all);
      const [base, other] = [all[this.#base], all[index]];
      if (base === undefined || other === undefined) return [];
      const known = this.#shared.get(metric);
      const shared = known === undefined ? spreadOfAll(all, base) : known;
      this.#shared.set(metric, shared);
      const found = compareByCycle(base, other, shared);
      return found === null ? [] : [[metric, found]];
    }));
  }
}

/** A worker's own numbers are compared where it gives none of ours: as many as a table shows. */
function comparedMetrics(rows: readonly RowValues[]): readonly string[] {
  const known = rows.some(({ values }) => COMPARED_METRICS.some((metric) => Object.hasOwn(values, metric)));
  if (known) return COMPARED_METRICS;
  const own = rows.flatMap(({ values }) => Object.keys(values));
  return ownMetrics(new Set(own)).slice(0, MOST_OWN_COMPARED);
}

const MOST_OWN_COMPARED = 6;

function outliersOf({ cycles, values }: RowValues, metrics: readonly string[]): Outlier[] {
  return metrics.flatMap((metric) => {
    const known = (values[metric] ?? []).flatMap((value, index) =>
      value === null ? [] : [{ metric, cycle: cycles[index] ?? 0, value }]
    );
    const found = known[valueApart(known.map(({ value }) => value)) ?? -1];
    return found ?? [];
  });
}
