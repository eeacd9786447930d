import type { CounterKey, CounterName, CounterTable } from "./counter_names.ts";
import { parsePrometheus, type Sample } from "./prometheus.ts";

/** One histogram's state: how much and how often. */
export interface HistogramState {
  readonly sum: number;
  readonly count: number;
}

/** The counters of one moment. What the server does not have is absent. */
export interface CounterReading {
  readonly t_ns: bigint;
  readonly values: Readonly<Partial<Record<CounterKey, number>>>;
  readonly histograms: Readonly<Partial<Record<CounterKey, HistogramState>>>;
}

/** Reads what a table names out of an exposition. */
export function readCounters(text: string, table: CounterTable, t_ns: bigint): CounterReading {
  // An exposition has a thousand samples, a table some twenty names; the load waits while this reads.
  const totals = totalsOf(parsePrometheus(text, { names: namesIn(table) }));
  const values: Partial<Record<CounterKey, number>> = {};
  const histograms: Partial<Record<CounterKey, HistogramState>> = {};
  for (const [key, told] of Object.entries(table) as [CounterKey, CounterName][]) {
    for (const name of told.names) {
      if (told.kind === "histogram") {
        const [sum, count] = [totals.get(`${name}_sum`), totals.get(`${name}_count`)];
        if (sum === undefined || count === undefined) continue;
        histograms[key] = { sum, count };
      } else {
        const value = totals.get(name);
        if (value === undefined) continue;
        values[key] = value;
      }
      break;
    }
  }
  return { t_ns, values, histograms };
}

function namesIn(table: CounterTable): ReadonlySet<string> {
  const told = Object.values(table);
  return new Set(
    told.flatMap(({ kind, names }) =>
      kind === "histogram" ? names.flatMap((name) => [`${name}_sum`, `${name}_count`]) : names
    ),
  );
}

/** All label sets of a name together: one for each model, engine or rank. */
function totalsOf(samples: readonly Sample[]): ReadonlyMap<string, number> {
  const totals = new Map<string, number>();
  for (const { name, value } of samples) {
    if (Number.isFinite(value)) totals.set(name, (totals.get(name) ?? 0) + value);
  }
  return totals;
}
