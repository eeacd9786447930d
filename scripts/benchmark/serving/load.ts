/** What both clients are told to do: the same requests, as far as two programs that draw them for themselves can agree. */

/** How the requests come: so many in flight all the time, or so many a second whatever becomes of them. */
export type LoadShape =
  | { readonly kind: "closed"; readonly concurrency: number }
  | { readonly kind: "open"; readonly rate: number };

/** One load on one server. Lengths are drawn evenly from 1 to the input's most, and from the output's least to its most. */
export interface Load {
  readonly shape: LoadShape;
  readonly requests: number;
  /** Requests before those, of which nothing counts. */
  readonly warmup: number;
  readonly input_most: number;
  readonly output_least: number;
  readonly output_most: number;
}

/** Of each request: what it asks for, and what became of it by the client's own word. */
export interface Seen {
  readonly input_tokens: number;
  readonly output_tokens: number;
  /** Null where it failed. */
  readonly ttft_ms: number | null;
  /** When the client stamped the first token, CLOCK_MONOTONIC; null where it tells no stamps. */
  readonly t_first_token_ns: bigint | null;
}

/** What a load was to a client. */
export interface Outcome {
  /** In the order in which they were asked for. */
  readonly seen: readonly Seen[];
  /** CPU time of all its threads from the begin of the load to its end, s. */
  readonly cpu_s: number;
  /** The most memory that it held at once, in its whole life. */
  readonly rss_mb: number;
}
