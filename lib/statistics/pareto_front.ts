import { largest } from "../base/numbers.ts";
import { meanOf, sampleDeviation } from "./moments.ts";
import { tUpper } from "../base/student_t.ts";

/** One thing that settings are judged by. */
export interface FrontAxis {
  readonly better: "less" | "more";
  /** By setting, then by cycle; positive. */
  readonly values: readonly (readonly number[])[];
}

/** Which settings are worth a look where nobody says how much of one thing another is worth. */
export interface ParetoFront {
  /** No other setting is as good on every axis and better on one, by geometric means. Equal ones are all there. */
  readonly by_means: readonly number[];
  /** No other setting is better on every axis for sure. */
  readonly confident: readonly number[];
  /** By setting: the one that beats it most surely, and with what p; null for one of the confident front. */
  readonly beaten: readonly ({ readonly by: number; readonly p: number } | null)[];
}

/**
 * A setting beats another where it is better on every axis, each by its own one-sided test by pairs of cycles: all have to
 * hold, so nothing is adjusted (intersection-union, Berger 1982). Axes have the same settings with the same complete cycles.
 */
export function paretoFront(axes: readonly FrontAxis[], alpha = 0.05): ParetoFront {
  // Less is better throughout.
  const costs = axes.map(({ better, values }) =>
    values.map((row) => row.map((value) => (better === "less" ? 1 : -1) * Math.log(value)))
  );
  const settings = [...axes[0]?.values.keys() ?? []];
  const means = costs.map((rows) => rows.map(meanOf));
  const isDominated = (setting: number): boolean =>
    settings.some((other) => {
      const gains = means.map((of) => (of[setting] ?? NaN) - (of[other] ?? NaN));
      return gains.every((gain) => gain >= 0) && gains.some((gain) => gain > 0);
    });
  const beaten = settings.map((setting) => {
    const rivals = settings.filter((other) => other !== setting).map((by) => ({
      by,
      p: largest(costs.map((rows) => betterP(rows[by] ?? [], rows[setting] ?? []))),
    }));
    return rivals.filter(({ p }) => p < alpha).sort((one, other) => one.p - other.p)[0] ?? null;
  });
  return {
    by_means: settings.filter((setting) => !isDominated(setting)),
    confident: settings.filter((setting) => beaten[setting] === null),
    beaten,
  };
}

/** One-sided p, by pairs, of the first costing no less than the second. 1 where pairs are too few to say. */
function betterP(costs: readonly number[], others: readonly number[]): number {
  const gains = costs.map((cost, index) => (others[index] ?? NaN) - cost);
  const deviation = sampleDeviation(gains);
  const gain = meanOf(gains);
  if (deviation === null || Number.isNaN(gain)) return 1;
  if (deviation === 0) return gain > 0 ? 0 : 1;
  return tUpper(gain / (deviation / Math.sqrt(gains.length)), gains.length - 1);
}
