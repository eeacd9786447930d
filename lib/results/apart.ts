import { median } from "../base/quantile.ts";
import { outlierOf } from "../statistics/grubbs.ts";

/** What lies this close to the median is noise, however much closer the other values are to each other. */
const NOISE = 0.02;

/**
 * The position of the value that lies apart from those of the other runs (Grubbs' test on logarithms, 5 %) and 2 % or more from
 * their median; null where none does.
 */
export function valueApart(values: readonly number[]): number | null {
  const place = outlierOf(values);
  if (place === null) return null;
  const middle = median(values);
  return Math.abs((values[place] ?? NaN) - middle) < NOISE * middle ? null : place;
}
