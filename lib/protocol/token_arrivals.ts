import type { RequestStamps } from "./request_times.ts";

/** Tokens that came at one moment, ns on CLOCK_MONOTONIC. */
export interface TokenArrival {
  readonly t_ns: bigint;
  /** Not whole where the server did not tell: what is left of the count is then spread evenly over such chunks. */
  readonly tokens: number;
}

/**
 * When the output tokens of a request came, also those of a failed one; together as many as its output_tokens. Tokens that
 * no chunk stands for (an end-of-sequence token) come with the last one, or at its end where there is none.
 */
export function tokenArrivals(stamps: RequestStamps): TokenArrival[] {
  const { t_send_ns, t_done_ns, chunk_at_ns, chunk_tokens, output_tokens } = stamps;
  const told = chunk_at_ns.map((_, index) => chunk_tokens?.[index] ?? null);
  const left = output_tokens - told.reduce<number>((sum, tokens) => sum + (tokens ?? 0), 0);
  const untold = told.filter((tokens) => tokens === null).length;
  const last = chunk_at_ns.length - 1;
  if (last < 0 || t_send_ns === null) {
    return t_done_ns === null || output_tokens === 0 ? [] : [{ t_ns: t_done_ns, tokens: output_tokens }];
  }
  return chunk_at_ns.map((atNs, index) => {
    const own = told[index] ?? left / untold;
    return {
      t_ns: t_send_ns + BigInt(atNs),
      tokens: untold === 0 && index === last ? own + left : own,
    };
  });
}
