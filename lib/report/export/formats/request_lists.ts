/** What requests.jsonl comes to in the lists and statistics of `vllm bench serve`. Times are seconds. */
import { quantileOfSorted } from "../../../base/quantile.ts";
import type { Distribution } from "../../../statistics/distribution.ts";

type Line = Readonly<Record<string, unknown>>;

/** One entry for each request of the measured window. */
export interface RequestLists {
  readonly input_lens: readonly number[];
  /** 0 for one that failed, as are the next two. */
  readonly output_lens: readonly number[];
  readonly ttfts: readonly number[];
  readonly latencies: readonly number[];
  /** On the machine's monotonic clock. */
  readonly start_times: readonly number[];
  /** Between when it was due and its sending; 0 where it was due when it was sent. */
  readonly queue_times: readonly number[];
  /** Empty for one that succeeded. */
  readonly errors: readonly string[];
  /** Of those that succeeded and have it, ms. */
  readonly ttft_ms: readonly number[];
  readonly tpot_ms: readonly number[];
  readonly e2el_ms: readonly number[];
  /** Population standard deviation of all gaps between tokens, ms; null without any. */
  readonly itl_std_ms: number | null;
  /** The most tokens in one of the seconds since the window began; null where no request tells when its tokens came. */
  readonly max_output_tokens_per_s: number | null;
  /** The most requests that were under way at one instant; null where no request tells when it began and ended. */
  readonly max_concurrent_requests: number | null;
}

/**
 * Reads all lines once; what is held grows by some numbers for each request, not for each token. `begin_ns`: of the window, as
 * a second that began with the clock's would cut a short window in two.
 */
export function requestLists(lines: Iterable<Line>, begin_ns: number): RequestLists {
  const lists = {
    input_lens: [] as number[],
    output_lens: [] as number[],
    ttfts: [] as number[],
    latencies: [] as number[],
    start_times: [] as number[],
    queue_times: [] as number[],
    errors: [] as string[],
    ttft_ms: [] as number[],
    tpot_ms: [] as number[],
    e2el_ms: [] as number[],
  };
  const gaps = new RunningSpread();
  const tokens = new TokensBySecond();
  const spans: { readonly begin: number; readonly end: number }[] = [];
  for (const line of lines) {
    if (line["in_window"] === false) continue;
    const at = (name: string): number | null => typeof line[name] === "number" ? line[name] : null;
    const error = typeof line["error"] === "string" ? line["error"] : "";
    const [ttft, e2e, output, start] = [
      at("ttft_ms"),
      at("e2e_ms"),
      at("output_tokens") ?? 0,
      at("t_start_ns"),
    ];
    const itl: readonly number[] = Array.isArray(line["itl_ms"]) ? line["itl_ms"] : [];
    lists.input_lens.push(at("input_tokens") ?? 0);
    lists.output_lens.push(error === "" ? output : 0);
    lists.ttfts.push(error === "" ? (ttft ?? 0) / 1000 : 0);
    lists.latencies.push(error === "" ? (e2e ?? 0) / 1000 : 0);
    lists.start_times.push((start ?? 0) / 1e9);
    lists.queue_times.push((at("lateness_ms") ?? 0) / 1000);
    lists.errors.push(error);
    if (start !== null && e2e !== null) spans.push({ begin: start / 1e6, end: start / 1e6 + e2e });
    if (error !== "") continue;
    if (ttft !== null) lists.ttft_ms.push(ttft);
    if (e2e !== null) lists.e2el_ms.push(e2e);
    if (ttft !== null && e2e !== null && output > 1) {
      lists.tpot_ms.push(at("tpot_ms") ?? (e2e - ttft) / (output - 1));
    }
    for (const gap of itl) gaps.add(gap);
    if (start !== null && ttft !== null) tokens.add((start - begin_ns) / 1e6 + ttft, itl);
  }
  return {
    ...lists,
    itl_std_ms: gaps.deviation(),
    max_output_tokens_per_s: tokens.most(),
    max_concurrent_requests: mostAtOnce(spans),
  };
}

/** `mean_ttft_ms` ... `p99_e2el_ms`; null for what is not known. `itl`: of all gaps, as the record has it. */
export function latencyStatistics(
  lists: RequestLists,
  itl: Distribution | null,
): Record<string, number | null> {
  return {
    ...statisticsOf("ttft", lists.ttft_ms),
    ...statisticsOf("tpot", lists.tpot_ms),
    mean_itl_ms: itl?.mean ?? null,
    median_itl_ms: itl?.median ?? null,
    std_itl_ms: lists.itl_std_ms,
    p50_itl_ms: itl?.median ?? null,
    p90_itl_ms: itl?.p90 ?? null,
    p95_itl_ms: itl?.p95 ?? null,
    p99_itl_ms: itl?.p99 ?? null,
    ...statisticsOf("e2el", lists.e2el_ms),
  };
}

function statisticsOf(name: string, values: readonly number[]): Record<string, number | null> {
  const sorted = new Float64Array(values).sort();
  const spread = new RunningSpread();
  for (const value of values) spread.add(value);
  const at = (fraction: number): number | null =>
    values.length === 0 ? null : quantileOfSorted(sorted, fraction);
  return {
    [`mean_${name}_ms`]: spread.mean(),
    [`median_${name}_ms`]: at(0.5),
    [`std_${name}_ms`]: spread.deviation(),
    [`p50_${name}_ms`]: at(0.5),
    [`p90_${name}_ms`]: at(0.9),
    [`p95_${name}_ms`]: at(0.95),
    [`p99_${name}_ms`]: at(0.99),
  };
}

/** Mean and population standard deviation, as numpy's, without keeping the values (Welford 1962). */
class RunningSpread {
  #n = 0;
  #mean = 0;
  #squares = 0;

  add(value: number): void {
    this.#n += 1;
    const before = value - this.#mean;
    this.#mean += before / this.#n;
    this.#squares += before * (value - this.#mean);
  }

  mean(): number | null {
    return this.#n === 0 ? null : this.#mean;
  }

  deviation(): number | null {
    return this.#n === 0 ? null : Math.sqrt(this.#squares / this.#n);
  }
}

/** Counts tokens by the second in which they came. */
class TokensBySecond {
  readonly #counts = new Map<number, number>();

  /** The first token came at a time, in ms, and each further one so much later. */
  add(firstMs: number, gapsMs: readonly number[]): void {
    let at = firstMs;
    this.#count(at);
    for (const gap of gapsMs) {
      at += gap;
      this.#count(at);
    }
  }

  most(): number | null {
    let most: number | null = null;
    for (const count of this.#counts.values()) most = Math.max(most ?? 0, count);
    return most;
  }

  #count(atMs: number): void {
    const second = Math.floor(atMs / 1000);
    this.#counts.set(second, (this.#counts.get(second) ?? 0) + 1);
  }
}

function mostAtOnce(spans: readonly { readonly begin: number; readonly end: number }[]): number | null {
  if (spans.length === 0) return null;
  const begins = new Float64Array(spans.map(({ begin }) => begin)).sort();
  const ends = new Float64Array(spans.map(({ end }) => end)).sort();
  let [most, ended] = [0, 0];
  begins.forEach((begin, begun) => {
    while ((ends[ended] ?? Infinity) <= begin) ended += 1;
    most = Math.max(most, begun + 1 - ended);
  });
  return most;
}
