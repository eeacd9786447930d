import { pooledRatios } from "../../statistics/pooled_ratio.ts";
import { type Sample, valueOf } from "./samples.ts";

/** The spread of a metric that all rows of a study share, once rows and cycles are taken out. */
export interface Pool {
  /** Standard deviation of a logarithm. */
  readonly deviation: number;
  readonly degrees: number;
  /** Rows that are in it: those that have every cycle. Only their ratios may use it. */
  readonly rows: ReadonlySet<Sample>;
}

/**
 * Over the rows that have every cycle in which the baselines have the metric. Null where there are fewer than three of them
 * (of two it is the pair's own), or their spreads differ by too much to be one.
 */
export function poolOf(
  samples: readonly Sample[],
  baselines: readonly Sample[],
  metric: string,
): Pool | null {
  const valuesByCycle = new Map(samples.map((sample) => [
    sample,
    new Map(sample.runs.flatMap((run): [number, number][] => {
      const value = valueOf(run, metric);
      return value !== null && value > 0 ? [[run.cycle, value]] : [];
    })),
  ]));
  const [first, ...others] = baselines.map((sample) =>
    valuesByCycle.get(sample) ?? new Map<number, number>()
  );
  const cycles = [...first?.keys() ?? []].filter((cycle) => others.every((values) => values.has(cycle)));
  const complete = [...valuesByCycle].filter(([, values]) => cycles.every((cycle) => values.has(cycle)));
  if (cycles.length < 2 || complete.length < 3) return null;
  const found = pooledRatios(
    complete.map(([, values]) => cycles.map((cycle) => values.get(cycle) ?? NaN)),
    0,
  );
  return found === null || !found.allowed
    ? null
    : { deviation: found.deviation, degrees: found.degrees, rows: new Set(complete.map(([row]) => row)) };
}
