import { pooledSpread } from "../statistics/pooled_ratio.ts";

/** The spread of a metric that rows of a study share, once rows and cycles are taken out. */
export interface SharedSpread<Row> {
  /** Standard deviation of a logarithm. */
  readonly deviation: number;
  readonly degrees: number;
  /** Rows that are in it: those that have every cycle. Only their ratios may use it. */
  readonly rows: ReadonlySet<Row>;
}

/** Fewer have no spread but that of their own pairs. */
const FEWEST_ROWS = 3;

/**
 * Over the rows that have every cycle that all of `baselines`, which are among them, have. `valuesByCycle`: the values of a
 * metric that are positive, of each row by cycle. Null where there are fewer than three such rows, or fewer than two cycles, and
 * where the spreads of the rows differ by too much to be one.
 */
export function sharedSpread<Row>(
  valuesByCycle: ReadonlyMap<Row, ReadonlyMap<number, number>>,
  baselines: readonly Row[],
): SharedSpread<Row> | null {
  const [first, ...others] = baselines.map((row) => valuesByCycle.get(row));
  const cycles = [...first?.keys() ?? []].filter((cycle) =>
    others.every((values) => values?.has(cycle) === true)
  );
  const complete = [...valuesByCycle].filter(([, values]) => cycles.every((cycle) => values.has(cycle)));
  if (cycles.length < 2 || complete.length < FEWEST_ROWS) return null;
  const found = pooledSpread(complete.map(([, values]) => cycles.map((cycle) => values.get(cycle) ?? NaN)));
  if (found === null || !found.allowed) return null;
  const { deviation, degrees } = found;
  return { deviation, degrees, rows: new Set(complete.map(([row]) => row)) };
}
