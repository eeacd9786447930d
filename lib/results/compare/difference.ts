import { tQuantile } from "../../base/student_t.ts";
import { meanOf, sampleDeviation } from "../../statistics/moments.ts";
import { type Sides, valuesOfRuns } from "./pairing.ts";
import type { ComparedRow } from "./study_comparison.ts";

/** The difference of means of a metric that may be 0 or less, with its interval (paired, or Welch); null below two runs a side. */
export function differenceOf(
  sides: Sides,
  metric: string,
  design: "paired" | "unpaired",
  confidence: number,
): ComparedRow["difference"] {
  const [a, b] = [valuesOfRuns(sides.base, metric), valuesOfRuns(sides.other, metric)];
  if (Math.min(a.length, b.length) < 2) return null;
  const value = meanOf(b) - meanOf(a);
  const { error, degrees } = design === "paired"
    ? errorOf([b.map((other, index) => other - (a[index] ?? NaN))])
    : errorOf([a, b]);
  const half = error === 0 ? 0 : tQuantile(1 - (1 - confidence) / 2, degrees) * error;
  return { value, ci: [value - half, value + half] };
}

/** The standard error of a sum of means, and its degrees of freedom by Welch and Satterthwaite. */
function errorOf(
  samples: readonly (readonly number[])[],
): { readonly error: number; readonly degrees: number } {
  const shares = samples.map((values) => ({
    share: (sampleDeviation(values) ?? 0) ** 2 / values.length,
    n: values.length,
  }));
  const variance = shares.reduce((sum, { share }) => sum + share, 0);
  const spent = shares.reduce((sum, { share, n }) => sum + share ** 2 / (n - 1), 0);
  const most = shares.reduce((sum, { n }) => sum + n - 1, 0);
  return { error: Math.sqrt(variance), degrees: spent === 0 ? most : variance ** 2 / spent };
}
