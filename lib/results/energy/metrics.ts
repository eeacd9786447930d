import type { HeadlineMetric } from "../headline.ts";

/** Headline metrics that a run has by a meter alone. */
export const METERED_METRICS: ReadonlySet<string> = new Set<HeadlineMetric>([
  "energy_j",
  "energy_uncertainty_j",
  "j_per_output_token",
  "j_per_total_token",
  "avg_power_w",
  "wh_per_1000_requests",
  "energy_adjusted_j",
  "baseline_power_w",
  "j_per_good_request",
  "net_j_per_output_token",
  "idle_share",
]);

/** Those that are the headline energy over something that is counted: they share its relative error. */
export const OF_HEADLINE_ENERGY: ReadonlySet<string> = new Set<HeadlineMetric>([
  "energy_j",
  "j_per_output_token",
  "j_per_total_token",
  "j_per_good_request",
  "wh_per_1000_requests",
  "avg_power_w",
]);
