import { meanOf } from "./moments.ts";
import { tQuantile } from "../base/student_t.ts";

/**
 * Passes within runs: what a longer window would help and what only more runs do (Kalibera and Jones, Rigorous Benchmarking
 * in Reasonable Time, ISMM 2013, section 6).
 */
export interface NestedSpread {
  /** Mean square between runs, and within them. */
  readonly between_mean_square: number;
  readonly within_mean_square: number;
  /** Variance that runs add to their passes; below 0 where passes scatter more than runs do. */
  readonly between_variance: number;
  /** The share of the variance that lies between runs: 1 where passes of a run are all alike. */
  readonly intraclass_correlation: number;
  /** By what the variance of the mean is larger than if every pass were independent. */
  readonly design_effect: number;
  /** Independent passes that all passes are worth. */
  readonly effective_passes: number;
  /** Half width of the 95 % interval of the mean, with the run as the unit. */
  readonly half_width: number;
  /** The same with the pass as the unit, which is too narrow where runs differ. */
  readonly naive_half_width: number;
}

/**
 * Of runs with an equal number of passes; values or their logarithms. Null below two runs or two passes, and where runs do
 * not have equally many.
 */
export function nestedSpread(runs: readonly (readonly number[])[]): NestedSpread | null {
  const [k, m] = [runs.length, runs[0]?.length ?? 0];
  if (k < 2 || m < 2 || runs.some((run) => run.length !== m)) return null;
  const means = runs.map(meanOf);
  const grand = meanOf(means);
  const total = k * m;
  const between = m * sumOfSquares(means, grand) / (k - 1);
  const within = runs.reduce((sum, run, index) => sum + sumOfSquares(run, means[index] ?? NaN), 0) /
    (k * (m - 1));
  const between_variance = (between - within) / m;
  const variance = between_variance + within;
  const correlation = variance > 0 ? between_variance / variance : 0;
  const design_effect = 1 + (m - 1) * correlation;
  const all = Math.sqrt(runs.reduce((sum, run) => sum + sumOfSquares(run, grand), 0) / (total - 1));
  return {
    between_mean_square: between,
    within_mean_square: within,
    between_variance,
    intraclass_correlation: correlation,
    design_effect,
    effective_passes: total / design_effect,
    half_width: tQuantile(0.975, k - 1) * Math.sqrt(between / total),
    naive_half_width: tQuantile(0.975, total - 1) * all / Math.sqrt(total),
  };
}

/**
 * Passes per run that give the narrowest interval for the time spent, not rounded (their section 8): `run_s` is what a run
 * costs besides its passes, `pass_s` what a pass costs. Infinite where runs add nothing: then one long run is best.
 */
export function bestPassesPerRun(
  { between_variance, within_mean_square }: Pick<NestedSpread, "between_variance" | "within_mean_square">,
  { run_s, pass_s }: { readonly run_s: number; readonly pass_s: number },
): number {
  return between_variance <= 0 ? Infinity : Math.sqrt(run_s / pass_s * within_mean_square / between_variance);
}

function sumOfSquares(values: readonly number[], center: number): number {
  return values.reduce((sum, value) => sum + (value - center) ** 2, 0);
}
