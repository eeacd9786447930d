import { largest } from "../../../../lib/base/numbers.ts";
import type { HitCounters } from "../prompts/cache_verdict.ts";
import type { CounterKey, CounterName, CounterTable } from "./counter_names.ts";
import type { CounterReading } from "./read_counters.ts";

/** One counter over the window. */
export type CounterSummary =
  /** How much it grew; null where it fell (the server was started anew). */
  | { readonly kind: "counter"; readonly delta: number | null }
  /** Mean and maximum of the readings, weighted by nothing: they are a second apart. */
  | { readonly kind: "gauge"; readonly mean: number; readonly max: number }
  /** Events in the window and their mean; null where there was none. */
  | { readonly kind: "histogram"; readonly count: number; readonly mean: number | null };

/** What the server said of the window. */
export interface CountersSummary {
  readonly readings: number;
  /** From the first to the last reading. */
  readonly seconds: number;
  readonly counters: Readonly<Partial<Record<CounterKey, CounterSummary>>>;
}

/** The readings of one window, in order, as deltas, means and maxima; null where there are not two of them. */
export function summarise(readings: readonly CounterReading[], table: CounterTable): CountersSummary | null {
  const [first, last] = [readings[0], readings.at(-1)];
  if (first === undefined || last === undefined || readings.length < 2) return null;
  const counters: Partial<Record<CounterKey, CounterSummary>> = {};
  for (const [key, { kind }] of Object.entries(table) as [CounterKey, CounterName][]) {
    const summary = kind === "histogram"
      ? histogramOf(first.histograms[key], last.histograms[key])
      : kind === "counter"
      ? counterOf(first.values[key], last.values[key])
      : gaugeOf(readings.flatMap(({ values }) => values[key] ?? []));
    if (summary !== null) counters[key] = summary;
  }
  return { readings: readings.length, seconds: Number(last.t_ns - first.t_ns) / 1e9, counters };
}

/** A counter that appears in the window began at 0: servers make some of them with their first event. */
function counterOf(first: number | undefined, last: number | undefined): CounterSummary | null {
  if (last === undefined) return first === undefined ? null : { kind: "counter", delta: null };
  const delta = last - (first ?? 0);
  return { kind: "counter", delta: delta < 0 ? null : delta };
}

function histogramOf(
  first: CounterReading["histograms"][CounterKey],
  last: CounterReading["histograms"][CounterKey],
): CounterSummary | null {
  if (last === undefined) return null;
  const count = last.count - (first?.count ?? 0);
  if (count < 0) return null;
  return { kind: "histogram", count, mean: count === 0 ? null : (last.sum - (first?.sum ?? 0)) / count };
}

/** Mean and maximum of the readings of a level; null of none. */
export function gaugeOf(values: readonly number[]): CounterSummary | null {
  if (values.length === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { kind: "gauge", mean, max: largest(values) };
}

/** How much a counter grew; null where it is not known. */
export function deltaOf(summary: CountersSummary | null, key: CounterKey): number | null {
  const counter = summary?.counters[key];
  return counter?.kind === "counter" ? counter.delta : null;
}

/**
 * Tokens that came from the prefix cache and tokens that were looked up in it; null where the server counts neither.
 * SGLang has no count of what was looked up: that is every input token.
 */
export function hitCounters(summary: CountersSummary | null): HitCounters | null {
  const hits = deltaOf(summary, "cache_hits");
  const queries = deltaOf(summary, "cache_queries") ?? deltaOf(summary, "prompt_tokens");
  return hits === null || queries === null ? null : { hits, queries };
}
