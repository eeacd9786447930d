import jstat from "jstat";

/** The quantile of Student's t: the value below which a share of `probability` lies; any real `degrees` above 0. */
export function tQuantile(probability: number, degrees: number): number {
  return jstat.studentt.inv(probability, degrees);
}

/** The chance of a t at least this far from 0, on either side. From the lower tail, where the digits are. */
export function tTwoSided(t: number, degrees: number): number {
  return Number.isFinite(t) ? Math.min(1, 2 * jstat.studentt.cdf(-Math.abs(t), degrees)) : 0;
}
