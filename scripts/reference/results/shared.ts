/** Fields that occur in several places. */
import type { Distribution } from "../../../lib/statistics/distribution.ts";
import type { LatencyPercentiles } from "../../../lib/statistics/percentiles.ts";
import type { Spread } from "../../../lib/statistics/spread.ts";
import { type FieldsOf, group, list, number, text } from "./field.ts";

const MS = "ms";

export const DISTRIBUTION: FieldsOf<Distribution> = {
  mean: number(MS, "mean"),
  median: number(MS, "median; percentiles interpolate between neighbours, as numpy's default"),
  p90: number(MS, "90th percentile"),
  p95: number(MS, "95th percentile"),
  p99: number(MS, "99th percentile"),
  min: number(MS, "smallest"),
  max: number(MS, "largest"),
  n: number(null, "how many there were"),
};

const PERCENTILES = {
  p50: number(MS, "median"),
  p90: number(MS, "90th percentile"),
  p95: number(MS, "95th percentile"),
  p99: number(MS, "99th percentile"),
  p99_9: number(MS, "99.9th percentile"),
};

export const LATENCY_PERCENTILES: FieldsOf<LatencyPercentiles> = {
  succeeded: number("requests", "requests of the window that succeeded"),
  failed: number("requests", "those that failed"),
  of_successes: group("of those that succeeded; null where none did", PERCENTILES),
  of_all: group("a failed request counts as infinitely long", PERCENTILES),
  of_all_infinite: list("percentiles of all that fall among failed requests: infinite, not unknown"),
  certified: group("bounds that the true percentile of all keeps at 99 % confidence", PERCENTILES),
  certified_infinite: list("certified percentiles that fall among failed requests"),
  certified_too_few: list("percentiles for which there are too few requests to certify anything"),
};

export const SPREAD: FieldsOf<Spread> = {
  mean: number(null, "mean over completed runs, in the unit of the metric, as are the others"),
  std: number(null, "sample standard deviation (n - 1); null for one run"),
  ci95: number(null, "half width of the 95 % interval of the mean (Student t); null for one run"),
  min: number(null, "smallest run"),
  max: number(null, "largest run"),
  n: number("runs", "runs that gave the number"),
  median: number(null, "median over runs"),
  geomean: number(null, "geometric mean; null for one run, and where a value is not positive, as are the next three"),
  low95: number(null, "lower end of the 95 % interval of the geometric mean (Student t on logarithms)"),
  high95: number(null, "upper end of it"),
  interval: text("how the interval was made: `log` or, where a value is not positive, `plain`; null for one run"),
  relative95: number("1", "by what the geometric mean is multiplied and divided to give both, less 1"),
};
