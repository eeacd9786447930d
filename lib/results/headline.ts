import { MAX_OWN_METRICS } from "../protocol/bounds.ts";
import type { ResultRecord } from "./record.ts";
import { SETTINGS_IN_METRICS } from "./settings_in_metrics.ts";

/**
 * The names of the headline numbers, in the order of tables and CSV columns. Latencies are medians, and 99th percentiles, over
 * requests; those of ITL over the gaps between tokens of all requests.
 */
export const HEADLINE_METRICS = [
  "output_tokens_per_s",
  "total_tokens_per_s",
  "requests_per_s",
  "ttft_ms",
  "ttft_p99_ms",
  "tpot_ms",
  "tpot_p99_ms",
  "itl_ms",
  "itl_p99_ms",
  "e2e_ms",
  "e2e_p99_ms",
  "window_s",
  "input_tokens",
  "output_tokens",
  "energy_j",
  "energy_uncertainty_j",
  "j_per_output_token",
  "j_per_total_token",
  "avg_power_w",
  "wh_per_1000_requests",
  "energy_adjusted_j",
  "baseline_power_w",
  "failed_requests",
  "ttft_sched_ms",
  "ttft_sched_p99_ms",
  "goodput_per_s",
  "slo_share",
  "j_per_good_request",
  "net_j_per_output_token",
  "idle_share",
] as const;
export type HeadlineMetric = typeof HEADLINE_METRICS[number];

const HEADLINE: ReadonlySet<string> = new Set(HEADLINE_METRICS);

/** Whether a name is that of a headline number. */
export function isHeadline(name: string): boolean {
  return HEADLINE.has(name);
}

/** Those of these names that are a worker's own, in their order. */
export function ownMetrics(names: Iterable<string>): string[] {
  return [...names].filter((name) => !HEADLINE.has(name));
}

/**
 * The numbers of one attempt for rows and scripts: the headline metrics (null where unknown) and the numbers that
 * the worker put under `metrics`, under their own names, but for settings. A headline name always means ours.
 */
export function headline(record: ResultRecord): Record<string, number | null> {
  const own = Object.entries(record.measurement?.metrics ?? {})
    .filter((entry): entry is [string, number] => typeof entry[1] === "number")
    .filter(([name]) => !SETTINGS_IN_METRICS.has(name))
    .slice(0, MAX_OWN_METRICS);
  const { throughput, latency, measurement, energy, requests, slo } = record;
  const ours: Record<HeadlineMetric, number | null> = {
    output_tokens_per_s: throughput?.output_tokens_per_s ?? null,
    total_tokens_per_s: throughput?.total_tokens_per_s ?? null,
    requests_per_s: throughput?.requests_per_s ?? null,
    ttft_ms: latency?.ttft_ms?.median ?? null,
    ttft_p99_ms: latency?.ttft_ms?.p99 ?? null,
    tpot_ms: latency?.tpot_ms?.median ?? null,
    tpot_p99_ms: latency?.tpot_ms?.p99 ?? null,
    itl_ms: latency?.itl_ms?.median ?? null,
    itl_p99_ms: latency?.itl_ms?.p99 ?? null,
    e2e_ms: latency?.e2e_ms?.median ?? null,
    e2e_p99_ms: latency?.e2e_ms?.p99 ?? null,
    window_s: throughput?.window_s ?? null,
    input_tokens: measurement?.input_tokens ?? null,
    output_tokens: measurement?.output_tokens ?? null,
    energy_j: energy?.headline_j ?? null,
    energy_uncertainty_j: energy?.uncertainty_j ?? null,
    j_per_output_token: energy?.j_per_output_token ?? null,
    j_per_total_token: energy?.j_per_total_token ?? null,
    avg_power_w: energy?.avg_power_w ?? null,
    wh_per_1000_requests: energy?.wh_per_1000_requests ?? null,
    // As llenergymeasure calls the net of the bare baseline, and that baseline.
    energy_adjusted_j: energy?.net_j.bare ?? null,
    baseline_power_w: energy?.baseline.bare.power_w ?? null,
    failed_requests: requests?.failed ?? null,
    ttft_sched_ms: latency?.ttft_sched_ms?.median ?? null,
    ttft_sched_p99_ms: latency?.ttft_sched_ms?.p99 ?? null,
    goodput_per_s: slo?.goodput_per_s ?? null,
    slo_share: slo?.share ?? null,
    j_per_good_request: slo?.energy_per_good_request_j ?? null,
    net_j_per_output_token: energy?.net_j_per_output_token ?? null,
    idle_share: energy?.idle_share ?? null,
  };
  return { ...ours, ...Object.fromEntries(own.filter(([name]) => !Object.hasOwn(ours, name))) };
}
