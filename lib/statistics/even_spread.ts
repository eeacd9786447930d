import jstat from "jstat";
import { incompleteBeta } from "../base/incomplete_beta.ts";
import { largest, smallest } from "../base/numbers.ts";

/** Chances by which rows that are tested for being uneven would look so, had they one deviation. */
const UNLIKELY_ROW = 0.02;
const UNLIKELY_ALL = 0.05;

/** What the residuals of rows over cycles, with neither means of rows nor of cycles in them, tell of each row's spread. */
export interface RowSpread {
  /** Standard deviation of each row, free of what the other rows add to its residuals; 0 where that is all there is. */
  readonly deviations: readonly number[];
  /** Whether chance makes rows of one deviation look so different. */
  readonly likely: boolean;
}

/**
 * Whether rows have one spread. `squares`: the sum of squared residuals of each row, not all 0; `n`: cycles; of three rows or more.
 *
 * The row's own variance is Grubbs' (1948) estimate: a row has a share of every other's noise in its residuals, so that among
 * four one that is a hundred times as noisy looks three times so. The chance is that of two tests: one row against all others
 * without it (F, Bonferroni), and all of them at once (Bartlett 1937).
 */
export function rowSpread(squares: readonly number[], n: number): RowSpread {
  const k = squares.length;
  const total = squares.reduce((sum, square) => sum + square, 0);
  const shared = total / (k * (k - 1));
  const deviations = squares.map((square) =>
    Math.sqrt(Math.max(0, (square - shared) * k / (k - 2) / (n - 1)))
  );
  return {
    deviations,
    likely: noisiestRowP(squares, n) > UNLIKELY_ROW &&
      bartlettP(squares.map((square) => square / (n - 1)), (n - 1) * (k - 1) / k) > UNLIKELY_ALL,
  };
}

/** What a row adds to the sum of squares is independent of what the others have without it, and a ratio of both is F. */
function noisiestRowP(squares: readonly number[], n: number): number {
  const k = squares.length;
  const total = squares.reduce((sum, square) => sum + square, 0);
  const added = largest(squares) * k / (k - 1);
  const others = Math.max(0, total - added);
  return Math.min(1, k * incompleteBeta(others / total, added / total, (k - 2) * (n - 1) / 2, (n - 1) / 2));
}

function bartlettP(variances: readonly number[], degrees: number): number {
  const k = variances.length;
  if (smallest(variances) <= 0) return 0;
  const mean = variances.reduce((sum, variance) => sum + variance, 0) / k;
  const logs = variances.reduce((sum, variance) => sum + Math.log(variance / mean), 0);
  const correction = 1 + (k + 1) / (3 * k * degrees);
  return 1 - jstat.chisquare.cdf(-degrees * logs / correction, k - 1);
}
