/** What is known of a request when it has ended, and its line in requests.jsonl. */
import type { RequestFrame } from "../../../../lib/protocol/frame.ts";
import { NO_ITL } from "../../../../lib/protocol/messages.ts";
import type { RequestStamps, RequestTimes } from "../../../../lib/protocol/request_times.ts";
import type { ChunkTokensFrom, OutputCounts } from "./token_tally.ts";

/** Where the count of input tokens comes from, best first; `asked` is what the client meant to send. */
export type InputTokensFrom = "usage" | "prompt_token_ids" | "timings" | "asked";

/**
 * Why a request failed: `truncated` (the stream ended without finish reason and without [DONE]), `http_NNN`, `server_error`
 * (an error inside a 200), `not_a_stream`, `bad_event`, `gave_up` (finish_reason `error` or `abort`), and those of the
 * connection: `connect`, `reset`, `timeout`, `tls`, `protocol`, `too_large`, `aborted`.
 */
export type RequestError = string;

/** All counts and times of a request. A failed one keeps the tokens that it had received, and has no latencies. */
export interface RequestRecord extends RequestStamps, RequestTimes {
  readonly index: number;
  /** Null where nobody tells. */
  readonly input_tokens: number | null;
  readonly input_tokens_from: InputTokensFrom | null;
  readonly asked_input_tokens: number | null;
  /** Every source of output_tokens; where they differ all of them stand here. */
  readonly output_counts: OutputCounts;
  readonly reasoning_tokens: number | null;
  readonly cached_tokens: number | null;
  /** Token events. */
  readonly chunks: number;
  readonly chunk_tokens_from: ChunkTokensFrom | null;
  readonly http_status: number | null;
  /** Of the first choice. */
  readonly finish_reason: string | null;
  readonly error: RequestError | null;
  /** At most 500 characters, on one line, without the key. */
  readonly error_message: string | null;
  /** What the server measured of itself; null where it tells nothing. */
  readonly server: {
    readonly queue_ms: number | null;
    readonly prefill_ms: number | null;
    readonly decode_ms: number | null;
  } | null;
  /** Reads that brought bytes of the body; where there are fewer than chunks, several chunks came in one. */
  readonly reads: number;
  readonly reused: boolean;
  readonly retried: boolean;
  readonly connect_ms: number | null;
  /** What the user reads, of each choice in order. */
  readonly output_texts: readonly string[];
  readonly reasoning_texts: readonly string[];
  /** SHA-256 of both lists as JSON, 64 hex digits; null where no text came. */
  readonly output_sha256: string | null;
}

/** The fields of a record that stand in a frame as they are. */
type FrameFields = Omit<
  RequestRecord,
  "index" | "input_tokens" | "itl_ms" | "output_texts" | "reasoning_texts"
>;

/** A request frame of this engine: what the protocol asks, and all stamps. */
export type OpenaiRequestFrame = RequestFrame & FrameFields & {
  readonly output_texts?: readonly string[];
  readonly reasoning_texts?: readonly string[];
  /** Only with a steady window, of a request that was not due in it. */
  readonly in_window?: false;
};

/** Above so many chunks a frame leaves out the lists that follow from others: all four would be beyond its bound on values. */
export const MOST_LISTED_CHUNKS = 50_000;

/**
 * The frame of a record. The protocol knows no null for input_tokens and itl_ms: input_tokens_from null and itl_reason say
 * that there are none.
 */
export function requestFrame(
  { output_texts, reasoning_texts, ...record }: RequestRecord,
  { keepTexts }: { readonly keepTexts: boolean },
): OpenaiRequestFrame {
  const isLong = record.chunks > MOST_LISTED_CHUNKS;
  return {
    ...record,
    ...(isLong ? { chunk_gap_ms: [], itl_reason: NO_ITL.long } : {}),
    type: "request",
    input_tokens: record.input_tokens ?? 0,
    t_start_ns: record.t_send_ns,
    itl_ms: isLong ? [] : record.itl_ms ?? [],
    ...(keepTexts ? { output_texts, reasoning_texts } : {}),
  };
}
