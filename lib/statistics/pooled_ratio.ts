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

/** One standard deviation for all rows of a grid. */
export interface PooledSpread {
  /** Standard deviation of a logarithm, once rows and cycles are taken out. */
  readonly deviation: number;
  /** (rows - 1) (cycles - 1). */
  readonly degrees: number;
  /** The largest spread of a row over the smallest, a hundredth of the common one at least; 1 where none has any. */
  readonly unevenness: number;
  /**
   * Whether the rows may share a deviation: they differ by less than a factor of 3, or by no more than chance makes rows of
   * few cycles differ (ten rows of equal spread differ by more in five cycles most of the time). Else each ratio is to be taken
   * by its own pairs.
   */
  readonly allowed: boolean;
}

/**
 * Randomised blocks (Box, Hunter and Hunter, Statistics for Experimenters, ch. 4): cycles are blocks, and the spread that
 * neither a row nor a cycle explains is one for all. `rows`: the values of complete cycles by configuration, in the same
 * order. Null below two rows or two cycles, where rows are not equally long and where a value is not positive.
 */
export function pooledSpread(rows: readonly (readonly number[])[]): PooledSpread | null {
  const [k, n] = [rows.length, rows[0]?.length ?? 0];
  if (k < 2 || n < 2 || rows.some((row) => row.length !== n || row.some((value) => !(value > 0)))) {
    return null;
  }
  const logs = rows.map((row) => row.map(Math.log));
  const means = logs.map(meanOf);
  const blocks = Array.from({ length: n }, (_, cycle) => meanOf(logs.map((row) => row[cycle] ?? NaN)));
  const grand = meanOf(means);
  const squares = logs.map((row, i) =>
    row.reduce((sum, y, j) => sum + (y - (means[i] ?? NaN) - (blocks[j] ?? NaN) + grand) ** 2, 0)
  );
  const degrees = (k - 1) * (n - 1);
  const deviation = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / degrees);
  // Of two rows each has the residuals of the other.
  if (k === 2 || deviation < ROUNDING) return { deviation, degrees, unevenness: 1, allowed: true };
  const { deviations, likely } = rowSpread(squares, n);
  const floored = deviations.map((own) => Math.max(own, deviation * SMALLEST));
  const unevenness = largest(floored) / smallest(floored);
  return { deviation, degrees, unevenness, allowed: unevenness < MOST_UNEVEN || likely };
}

/**
 * B over A by pairs of complete cycles, with the spread that both share with the other rows of their grid. Null below two pairs
 * and where a value is not positive.
 */
export function pooledRatio(
  pairs: readonly (readonly [a: number, b: number])[],
  { deviation, degrees }: Pick<PooledSpread, "deviation" | "degrees">,
  confidence = 0.95,
): Ratio | null {
  const n = pairs.length;
  if (n < 2 || pairs.some(([a, b]) => !(a > 0 && b > 0))) return null;
  const difference = meanOf(pairs.map(([a, b]) => Math.log(b) - Math.log(a)));
  return ratioOf({ difference, error: deviation * Math.sqrt(2 / n), degrees }, [n, n], confidence);
}
