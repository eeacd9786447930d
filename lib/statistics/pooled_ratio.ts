import { largest, smallest } from "../base/numbers.ts";
import { rowSpread } from "./even_spread.ts";
import { meanOf } from "./moments.ts";
import { type Ratio, ratioOf } from "./ratio.ts";

/** Rows whose deviations differ by less than this factor may share one. */
const MOST_UNEVEN = 3;
/** Of logarithms: what the rounding of numbers leaves of a deviation that is none. */
const ROUNDING = 1e-12;
/** Of the common deviation: the smallest that a row is taken to have. */
const SMALLEST = 0.01;

/** Ratios of every row to a baseline that share one standard deviation, that of the whole grid. */
export interface PooledRatios {
  /** Standard deviation of a logarithm, once rows and cycles are taken out. */
  readonly deviation: number;
  /** (rows - 1) (cycles - 1). */
  readonly degrees: number;
  /** Of each row by its residuals, free of what the other rows add to them; of two rows the common one. */
  readonly row_deviations: readonly number[];
  /** The largest of them over the smallest, a hundredth of the common one at least; 1 where none has any. */
  readonly unevenness: number;
  /**
   * Whether the rows may share a deviation: they differ by less than a factor of 3, or by no more than chance makes rows of
   * few cycles differ (ten rows of equal spread differ by more in five cycles most of the time). Else each ratio is to be taken
   * by its own pairs.
   */
  readonly allowed: boolean;
  /** Each row over the baseline; the baseline's own is null. */
  readonly ratios: readonly (Ratio | null)[];
}

/**
 * Randomised blocks (Box, Hunter and Hunter, Statistics for Experimenters, ch. 4): cycles are blocks, and the spread that
 * neither a row nor a cycle explains is one for all. `rows`: the values of complete cycles by configuration, in the same
 * order. Null below two rows or two cycles, where rows are not equally long and where a value is not positive.
 */
export function pooledRatios(
  rows: readonly (readonly number[])[],
  baseline: number,
  confidence = 0.95,
): PooledRatios | null {
  const [k, n] = [rows.length, rows[0]?.length ?? 0];
  if (k < 2 || n < 2 || rows.some((row) => row.length !== n || row.some((value) => !(value > 0)))) {
    return null;
  }
  const logs = rows.map((row) => row.map(Math.log));
  const means = logs.map(meanOf);
  const base = means[baseline];
  if (base === undefined) return null;
  const blocks = Array.from({ length: n }, (_, cycle) => meanOf(logs.map((row) => row[cycle] ?? NaN)));
  const grand = meanOf(means);
  const squares = logs.map((row, i) =>
    row.reduce((sum, y, j) => sum + (y - (means[i] ?? NaN) - (blocks[j] ?? NaN) + grand) ** 2, 0)
  );
  const degrees = (k - 1) * (n - 1);
  const deviation = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / degrees);
  const isEven = k === 2 || deviation < ROUNDING;
  const rows_spread = isEven
    ? { deviations: means.map(() => deviation), likely: true }
    : rowSpread(squares, n);
  const floored = rows_spread.deviations.map((own) => Math.max(own, deviation * SMALLEST));
  const unevenness = isEven ? 1 : largest(floored) / smallest(floored);
  return {
    deviation,
    degrees,
    row_deviations: rows_spread.deviations,
    unevenness,
    allowed: unevenness < MOST_UNEVEN || rows_spread.likely,
    ratios: means.map((mean, row) =>
      row === baseline ? null : ratioOf(
        { difference: mean - base, error: deviation * Math.sqrt(2 / n), degrees },
        [n, n],
        confidence,
      )
    ),
  };
}
