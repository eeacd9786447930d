/**
 * The definitions: every number of a served request out of its stamps and counts, and of nothing else. The worker uses this
 * when a request ends, and whoever reads requests.jsonl can use it again.
 *
 * | number | from | to |
 * |---|---|---|
 * | ttft_ms | t_send | t_first_token |
 * | ttft_sched_ms | t_sched | t_first_token |
 * | ttfo_ms | t_send | t_first_output: the first token that is no reasoning |
 * | e2e_ms | t_send | t_done |
 * | lateness_ms | t_sched | t_send |
 * | chunk_gap_ms | each token event | the next |
 * | tpot_ms | t_first_token | t_last_token, divided by the output tokens less those of the first chunk |
 * | itl_ms | as chunk_gap_ms, only where each chunk is proven to be one token |
 */
import { isJsonObject } from "../base/json.ts";
import { NO_ITL } from "./messages.ts";

/** Where the count of output tokens comes from, best first. */
export type OutputTokensFrom = "usage" | "token_ids" | "timings" | "chunks";

/** What is kept of a request to compute its numbers. Times are ns on CLOCK_MONOTONIC; null is what did not happen. */
export interface RequestStamps {
  /** When it was due; null in a closed loop, where a request is due when it is sent. */
  readonly t_sched_ns: bigint | null;
  /** Its last byte was given to the kernel. */
  readonly t_send_ns: bigint | null;
  readonly t_headers_ns: bigint | null;
  readonly t_first_event_ns: bigint | null;
  readonly t_first_token_ns: bigint | null;
  readonly t_first_output_ns: bigint | null;
  readonly t_last_token_ns: bigint | null;
  readonly t_done_ns: bigint | null;
  /** When each token event came, ns after t_send_ns; events of one read share its stamp. */
  readonly chunk_at_ns: readonly number[];
  /** Tokens of each token event where the server tells them; null where it tells none of them. */
  readonly chunk_tokens: readonly (number | null)[] | null;
  readonly output_tokens: number;
  readonly output_tokens_from: OutputTokensFrom;
  readonly n_choices: number;
  readonly error: string | null;
}

/** Times of a failed request are null, whatever it had received: its stamps still tell. */
export interface RequestTimes {
  readonly lateness_ms: number | null;
  readonly ttft_ms: number | null;
  readonly ttft_sched_ms: number | null;
  readonly ttfo_ms: number | null;
  readonly e2e_ms: number | null;
  /** Null below two tokens after the first chunk, and for several choices in one stream. */
  readonly tpot_ms: number | null;
  readonly chunk_gap_ms: readonly number[];
  readonly itl_ms: readonly number[] | null;
  /** Why itl_ms is null; null where it is not. */
  readonly itl_reason: string | null;
  /** Tokens of the first chunk, 1 where untold; null where no token came. */
  readonly first_chunk_tokens: number | null;
}

const NS_PER_MS = 1e6;

/** All times of a request, in milliseconds. Never throws; a time of which one end is not known is null. */
export function deriveTimes(stamps: RequestStamps): RequestTimes {
  const { t_sched_ns, t_send_ns, chunk_at_ns, chunk_tokens } = stamps;
  const first = chunk_at_ns.length === 0 ? null : chunk_tokens?.[0] ?? 1;
  const lateness_ms = elapsedMs(t_sched_ns, t_send_ns);
  if (stamps.error !== null) return { ...FAILED, lateness_ms, first_chunk_tokens: first };
  const gaps = gapsMs(chunk_at_ns);
  const why = whyNoItl(stamps);
  return {
    lateness_ms,
    ttft_ms: elapsedMs(t_send_ns, stamps.t_first_token_ns),
    ttft_sched_ms: elapsedMs(t_sched_ns ?? t_send_ns, stamps.t_first_token_ns),
    ttfo_ms: elapsedMs(t_send_ns, stamps.t_first_output_ns),
    e2e_ms: elapsedMs(t_send_ns, stamps.t_done_ns),
    tpot_ms: tpotMs(stamps, first),
    chunk_gap_ms: gaps,
    itl_ms: why === null ? gaps : null,
    itl_reason: why,
    first_chunk_tokens: first,
  };
}

const FAILED: RequestTimes = {
  lateness_ms: null,
  ttft_ms: null,
  ttft_sched_ms: null,
  ttfo_ms: null,
  e2e_ms: null,
  tpot_ms: null,
  chunk_gap_ms: [],
  itl_ms: null,
  itl_reason: NO_ITL.failed,
  first_chunk_tokens: null,
};

/**
 * Why it is not proven that each chunk is one token; null where it is. The proof is that the server says so of every chunk,
 * or that there are as many chunks as tokens: a chunk with text has at least one, so none can have two.
 */
function whyNoItl(stamps: RequestStamps): string | null {
  const { chunk_at_ns, chunk_tokens, output_tokens, output_tokens_from, n_choices } = stamps;
  if (n_choices > 1) return NO_ITL.several_choices;
  if (chunk_at_ns.length < 2) {
    return output_tokens > chunk_at_ns.length ? NO_ITL.several_tokens : NO_ITL.one_token;
  }
  if (chunk_tokens?.some((tokens) => tokens !== null && tokens > 1) === true) return NO_ITL.several_tokens;
  if (chunk_tokens?.every((tokens) => tokens === 1) === true) return null;
  if (output_tokens_from === "chunks") return NO_ITL.untold;
  return output_tokens === chunk_at_ns.length ? null : NO_ITL.counts_differ;
}

function tpotMs(stamps: RequestStamps, first: number | null): number | null {
  const total = elapsedMs(stamps.t_first_token_ns, stamps.t_last_token_ns);
  if (total === null || first === null || stamps.n_choices > 1) return null;
  const later = stamps.output_tokens - first;
  // One event has no time after it, however many tokens are said to have come.
  return later > 0 && stamps.chunk_at_ns.length > 1 ? total / later : null;
}

function gapsMs(atNs: readonly number[]): number[] {
  return atNs.slice(1).map((at, index) => (at - (atNs[index] ?? at)) / NS_PER_MS);
}

function elapsedMs(fromNs: bigint | null, toNs: bigint | null): number | null {
  return fromNs === null || toNs === null ? null : Number(toNs - fromNs) / NS_PER_MS;
}

/** The stamps in a line of requests.jsonl; null where it has none, as lines of other engines. */
export function readStamps(line: unknown): RequestStamps | null {
  if (!isJsonObject(line) || !Array.isArray(line["chunk_at_ns"])) return null;
  const { chunk_tokens, output_tokens, output_tokens_from, n_choices, error } = line;
  const from = SOURCES.find((source) => source === output_tokens_from);
  if (from === undefined || typeof output_tokens !== "number" || typeof n_choices !== "number") return null;
  const numbers = (values: readonly unknown[]): number[] =>
    values.filter((value) => typeof value === "number");
  return {
    t_sched_ns: stampOf(line["t_sched_ns"]),
    t_send_ns: stampOf(line["t_send_ns"]),
    t_headers_ns: stampOf(line["t_headers_ns"]),
    t_first_event_ns: stampOf(line["t_first_event_ns"]),
    t_first_token_ns: stampOf(line["t_first_token_ns"]),
    t_first_output_ns: stampOf(line["t_first_output_ns"]),
    t_last_token_ns: stampOf(line["t_last_token_ns"]),
    t_done_ns: stampOf(line["t_done_ns"]),
    chunk_at_ns: numbers(line["chunk_at_ns"]),
    chunk_tokens: Array.isArray(chunk_tokens)
      ? chunk_tokens.map((tokens: unknown) => typeof tokens === "number" ? tokens : null)
      : null,
    output_tokens,
    output_tokens_from: from,
    n_choices,
    error: typeof error === "string" ? error : null,
  };
}

const SOURCES: readonly OutputTokensFrom[] = ["usage", "token_ids", "timings", "chunks"];

/** A number, or a text of digits where it is beyond 2^53. */
function stampOf(value: unknown): bigint | null {
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  return typeof value === "string" && /^\d+$/.test(value) ? BigInt(value) : null;
}
