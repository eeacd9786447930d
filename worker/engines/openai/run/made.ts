import type { RequestRecord } from "../stream/request_record.ts";
import type { TokenTimes } from "../windows/populations.ts";
import type { ReadyRequest } from "./bodies.ts";

/** What is kept of a request until the run ends: everything else is in its frame. Times are ns on CLOCK_MONOTONIC. */
export interface Made {
  readonly index: number;
  /** When it was due: by its schedule, or when the one before it ended. */
  readonly t_sched_ns: bigint;
  readonly t_send_ns: bigint | null;
  readonly t_first_token_ns: bigint | null;
  readonly t_done_ns: bigint | null;
  readonly ttft_ms: number | null;
  readonly e2e_ms: number | null;
  readonly asked_input: number | null;
  readonly input_tokens: number | null;
  readonly max_output: number;
  readonly output_tokens: number;
  readonly cached_tokens: number | null;
  readonly shared_tokens: number;
  readonly forced: boolean;
  readonly finish_reason: string | null;
  readonly error: string | null;
  readonly error_message: string | null;
  readonly output_sha256: string | null;
  /** For tokens by time, which a steady window needs; null without one. */
  readonly chunks: {
    readonly gaps_ms: readonly number[];
    readonly first_tokens: number | null;
    readonly tokens: readonly (number | null)[] | null;
  } | null;
}

/** The part of a record that the end of a run looks at. */
export function madeOf(
  record: RequestRecord,
  { prompt, forced }: ReadyRequest,
  t_sched_ns: bigint,
  keepChunks: boolean,
): Made {
  return {
    index: record.index,
    t_sched_ns,
    t_send_ns: record.t_send_ns,
    t_first_token_ns: record.t_first_token_ns,
    t_done_ns: record.t_done_ns,
    ttft_ms: record.ttft_ms,
    e2e_ms: record.e2e_ms,
    asked_input: prompt.asked_tokens,
    input_tokens: record.input_tokens,
    max_output: prompt.max_output,
    output_tokens: record.output_tokens,
    cached_tokens: record.cached_tokens,
    shared_tokens: prompt.shared_tokens,
    forced,
    finish_reason: record.finish_reason,
    error: record.error,
    error_message: record.error_message,
    output_sha256: record.output_sha256,
    chunks: keepChunks
      ? { gaps_ms: gapsOf(record), first_tokens: record.first_chunk_tokens, tokens: record.chunk_tokens }
      : null,
  };
}

/** Also of failed requests, whose latencies are none: their tokens came all the same. */
function gapsOf({ chunk_at_ns }: RequestRecord): number[] {
  return chunk_at_ns.slice(1).map((at, index) => (at - (chunk_at_ns[index] ?? at)) / 1e6);
}

/** When its tokens came, where its chunks were kept. */
export function tokenTimes({ chunks, ...made }: Made): TokenTimes {
  return {
    ...made,
    chunk_gap_ms: chunks?.gaps_ms ?? [],
    first_chunk_tokens: chunks?.first_tokens ?? null,
    chunk_tokens: chunks?.tokens ?? null,
  };
}
