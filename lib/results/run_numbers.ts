/** What a run comes to: latencies, rates and the verdict on its promise, out of its requests and its windows. */
import { isJsonObject } from "../base/json.ts";
import type { Measurement } from "../experiment/outcome.ts";
import { type Distribution, distributionOfSorted } from "../statistics/distribution.ts";
import { type LatencyPercentiles, percentilesOfSorted } from "../statistics/percentiles.ts";
import type { SloTally, SloVerdict } from "./goodput.ts";
import {
  REQUEST_TIMES,
  type RequestCounts,
  type RequestSamples,
  type RequestTime,
  type UntoldItl,
} from "./request_tally.ts";

/** Of requests that succeeded and were due in the window. */
export interface Latency {
  readonly ttft_ms: Distribution | null;
  /** From the first output token to the last, over the tokens after the first; absent in records of earlier versions. */
  readonly tpot_ms?: Distribution | null;
  /** Between tokens. */
  readonly itl_ms: Distribution | null;
  readonly e2e_ms: Distribution | null;
  /** To the first token from the time at which the request was due; the next three are absent where the worker has none. */
  readonly ttft_sched_ms?: Distribution;
  /** To the first token that is no reasoning. */
  readonly ttfo_ms?: Distribution;
  /** Between chunks of a stream, which may hold several tokens each. */
  readonly chunk_gap_ms?: Distribution;
  /** Requests of two tokens or more that are not in `itl_ms`; absent where there is none, and by earlier versions. */
  readonly itl_untold?: UntoldItl;
}

/** Over the measured windows: tokens and requests per second of their time. */
export interface Throughput {
  readonly output_tokens_per_s: number | null;
  readonly total_tokens_per_s: number | null;
  readonly requests_per_s: number | null;
  readonly window_s: number;
}

/** Latencies of which a request has one or none, so that a failed one can count as infinitely long. */
const PER_REQUEST = ["ttft_ms", "ttft_sched_ms", "tpot_ms", "ttfo_ms", "e2e_ms"] as const;
const ONCE_A_REQUEST: ReadonlySet<string> = new Set(PER_REQUEST);

/** The requests of a run whose worker tells which of them failed. */
export interface RecordRequests extends RequestCounts {
  /** Of requests of the window, by latency; one without any value is absent. */
  readonly percentiles: { readonly [Name in typeof PER_REQUEST[number]]?: LatencyPercentiles };
}

/** What was seen of the requests. */
export interface RequestsSeen {
  readonly samples: RequestSamples;
  /** Null where the worker does not tell which failed. */
  readonly counts: RequestCounts | null;
  /** Null where nothing is promised. */
  readonly slo: SloTally | null;
  /** Left out, or null, where every request tells the times between its tokens. */
  readonly itl_untold?: UntoldItl | null;
}

/** What stands in a record, as it stands there. */
export interface RunNumbers {
  readonly latency: Latency | null;
  readonly throughput: Throughput | null;
  readonly requests?: RecordRequests;
  readonly slo?: SloVerdict;
}

/** The numbers of a run over windows of `window_s` seconds; null where there is none. `headline_j`: what they took. */
export function runNumbers(
  seen: RequestsSeen,
  measurement: Measurement | null,
  { window_s, headline_j }: { readonly window_s: number | null; readonly headline_j: number | null },
): RunNumbers {
  const { counts, slo } = seen;
  const latency: { -readonly [Name in RequestTime]?: Distribution } = {};
  const percentiles: Record<string, LatencyPercentiles> = {};
  for (const name of REQUEST_TIMES) {
    const { values, n } = seen.samples[name];
    // There may be millions of each: one is sorted after the other, and once.
    const sorted = values.toSorted();
    const found = distributionOfSorted(sorted, n);
    if (found === null) continue;
    latency[name] = found;
    if (counts !== null && ONCE_A_REQUEST.has(name)) {
      percentiles[name] = percentilesOfSorted(sorted, n, counts.in_window.failed);
    }
  }
  return {
    latency: latencyOf(latency, seen.itl_untold ?? null),
    throughput: throughputOf(windowCounts(measurement, counts), window_s),
    ...counts === null ? {} : { requests: { ...counts, percentiles } },
    ...slo === null ? {} : { slo: slo.verdict({ windowS: window_s, energyJ: headline_j }) },
  };
}

/** Null where no request has any time. */
function latencyOf(
  { ttft_ms, tpot_ms, itl_ms, e2e_ms, ...more }: Known,
  itl_untold: UntoldItl | null,
): Latency | null {
  if ((ttft_ms ?? itl_ms ?? e2e_ms) === undefined) return null;
  return {
    ttft_ms: ttft_ms ?? null,
    tpot_ms: tpot_ms ?? null,
    itl_ms: itl_ms ?? null,
    e2e_ms: e2e_ms ?? null,
    ...more,
    ...itl_untold === null ? {} : { itl_untold },
  };
}

type Known = { readonly [Name in RequestTime]?: Distribution };

/** What rates and joules are divided by. */
export interface WindowCounts {
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly requests: number | null;
}

/**
 * Tokens of the measured windows: those that the worker counts by time (`window` of its result), else all, also those that
 * failed requests had received. Requests: those that succeeded, where the worker tells which did.
 */
export function windowCounts(
  measurement: Measurement | null,
  counts: RequestCounts | null,
): WindowCounts | null {
  if (measurement === null) return null;
  const { window } = measurement;
  const own = isJsonObject(window) ? window : {};
  const count = (name: "input_tokens" | "output_tokens"): number | null => {
    const inWindow = own[name];
    return typeof inWindow === "number" && inWindow >= 0 ? inWindow : measurement[name];
  };
  return {
    input_tokens: count("input_tokens"),
    output_tokens: count("output_tokens"),
    requests: counts === null ? measurement.requests : counts.in_window.succeeded,
  };
}

function throughputOf(counts: WindowCounts | null, windowS: number | null): Throughput | null {
  if (counts === null || windowS === null || windowS <= 0) return null;
  const { input_tokens, output_tokens, requests } = counts;
  const rate = (count: number | null): number | null => count === null ? null : count / windowS;
  const total = input_tokens === null || output_tokens === null ? null : input_tokens + output_tokens;
  return {
    output_tokens_per_s: rate(output_tokens),
    total_tokens_per_s: rate(total),
    requests_per_s: rate(requests),
    window_s: windowS,
  };
}
