import type { SampleRun } from "./samples.ts";
import { valueOf } from "./samples.ts";

/** The fraction of a percentile by the name of its metric: 0.99 of `ttft_p99_ms`, 0.999 of `x_p99_9`; null for no percentile. */
export function percentileOf(metric: string): number | null {
  const digits = /_p(\d{2})(?:_?(9))?(?:_|$)/.exec(metric);
  return digits === null ? null : Number(`0.${digits[1] ?? ""}${digits[2] ?? ""}`);
}

/**
 * True for a percentile of so few values that nothing bounds it from above: it is at least what the run shows. Unknown counts
 * as enough.
 */
export function tooFewRequests(run: SampleRun, metric: string): boolean {
  const fraction = percentileOf(metric);
  const n = fraction === null ? null : valuesBehind(run, metric);
  return fraction !== null && n !== null && n < fewestFor(fraction);
}

/**
 * Values of which the largest lies above the percentile with 97.5 % certainty: 368 for a p99. Source: David & Nagaraja, Order
 * Statistics, 7.1.
 */
export function fewestFor(fraction: number): number {
  return Math.ceil(Math.log(0.025) / Math.log(fraction));
}

/** Requests of the run, or the gaps between their tokens; null where nobody tells. */
export function valuesBehind(run: SampleRun, metric: string): number | null {
  const [rate, window_s] = [valueOf(run, "requests_per_s"), valueOf(run, "window_s")];
  const requests = rate === null || window_s === null ? null : Math.round(rate * window_s);
  if (!metric.startsWith("itl_")) return requests;
  const tokens = valueOf(run, "output_tokens");
  return tokens === null || requests === null ? null : Math.max(0, tokens - requests);
}
