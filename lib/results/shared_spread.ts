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
 * Of those of `rows` that have every cycle that all of `baselines`, which are among them, have. `valuesOf`: the values of a row
 * that are positive, by cycle. Null where there are fewer than three such rows, or fewer than two cycles, and where the spreads
 * of the rows differ by too much to be one.
 */
export function sharedSpread<Row>(
  rows: readonly Row[],
  baselines: readonly Row[],
  valuesOf: (row: Row) => ReadonlyMap<number, number>,
): SharedSpread<Row> | null {
  const [first, ...others] = baselines.map(valuesOf);
  const cycles = [...first?.keys() ?? []].filter((cycle) => others.every((values) => values.has(cycle)));
  // Before thousands of rows are looked at for nothing.
  if (cycles.length < 2) return null;
  const complete = rows.flatMap((row) => {
    const values = valuesOf(row);
    const own = cycles.flatMap((cycle) => values.get(cycle) ?? []);
    return own.length < cycles.length ? [] : [{ row, own }];
  });
  if (complete.length < FEWEST_ROWS) return null;
  const found = pooledSpread(complete.map(({ own }) => own));
  if (found === null || !found.allowed) return null;
  const { deviation, degrees } = found;
  return { deviation, degrees, rows: new Set(complete.map(({ row }) => row)) };
}
