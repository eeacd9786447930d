/**
 * Two populations of a window. Tokens, and with them joules, are those of its time, whoever asked for them; latencies are
 * those of the requests that were due in it, however late they end. One population for both would either charge the window
 * for tokens made outside of it or leave out the slow requests at its end.
 */
import type { Window } from "./window_end.ts";

/** The times at which a request's tokens came. */
export interface TokenTimes {
  readonly t_sched_ns: bigint;
  /** Null where none came. */
  readonly t_first_token_ns: bigint | null;
  /** Milliseconds between token chunks, the first gap that between the first and the second chunk. */
  readonly chunk_gap_ms: readonly number[];
  /** Tokens of the first chunk; 1 where nobody tells. */
  readonly first_chunk_tokens: number | null;
  /** Tokens of each chunk as the server tells them; null or absent where it does not. */
  readonly chunk_tokens?: readonly (number | null)[] | null;
  readonly input_tokens: number | null;
  /** All that came, of failed requests too; null where nobody tells. */
  readonly output_tokens: number | null;
}

/** Tokens by time. A token between chunks of unknown size is a share of its request's: the sums need not be whole. */
export interface WindowTokens {
  /** An input counts whole when its first output token comes: only then has it been read. */
  readonly input_tokens: number;
  readonly output_tokens: number;
  /** Requests with tokens in the window and outside of it. */
  readonly requests_cut: number;
}

/** True for a time from t0 on and before t1. */
export function isIn({ t0_ns, t1_ns }: Window, t_ns: bigint): boolean {
  return t_ns >= t0_ns && t_ns < t1_ns;
}

/** True when every request that was due in the window has ended, so that the load may stop: it goes on until then. */
export function hasEndedAll(
  { t1_ns }: Window,
  underWay: readonly { readonly t_sched_ns: bigint }[],
  nowNs: bigint,
): boolean {
  return nowNs >= t1_ns && underWay.every(({ t_sched_ns }) => t_sched_ns >= t1_ns);
}

/** The tokens of a window, of all requests that had any in it, those before and after it included. */
export function tokensIn(window: Window, requests: readonly TokenTimes[]): WindowTokens {
  let [input_tokens, output_tokens, requests_cut] = [0, 0, 0];
  for (const request of requests) {
    const { t_first_token_ns } = request;
    if (t_first_token_ns === null) continue;
    if (isIn(window, t_first_token_ns)) input_tokens += request.input_tokens ?? 0;
    const chunks = chunksOf(request, t_first_token_ns);
    const inside = chunks.filter(({ t_ns }) => isIn(window, t_ns));
    output_tokens += inside.reduce((sum, { tokens }) => sum + tokens, 0);
    if (inside.length > 0 && inside.length < chunks.length) requests_cut += 1;
  }
  return { input_tokens, output_tokens, requests_cut };
}

/**
 * Chunks with their times and tokens. Where it is not told of each, or comes to another sum than the request's, what the first
 * one leaves of the tokens is spread evenly over the others.
 */
function chunksOf(
  { chunk_gap_ms, first_chunk_tokens, output_tokens, chunk_tokens }: TokenTimes,
  firstNs: bigint,
): { readonly t_ns: bigint; readonly tokens: number }[] {
  const all = output_tokens ?? chunk_gap_ms.length + 1;
  const isTold = chunk_tokens?.reduce<number>((sum, tokens) => sum + (tokens ?? NaN), 0) === all;
  const first = chunk_gap_ms.length === 0 ? all : Math.min(all, first_chunk_tokens ?? 1);
  const each = (all - first) / chunk_gap_ms.length;
  let ms = 0;
  return [
    { t_ns: firstNs, tokens: isTold ? chunk_tokens?.[0] ?? first : first },
    ...chunk_gap_ms.map((gap, index) => ({
      t_ns: firstNs + BigInt(Math.round((ms += gap) * 1e6)),
      tokens: isTold ? chunk_tokens?.[index + 1] ?? each : each,
    })),
  ];
}
