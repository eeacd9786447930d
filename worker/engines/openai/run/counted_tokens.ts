import type { ClientTokens } from "../counters/compare_tokens.ts";
import { isIn, tokensIn } from "../windows/populations.ts";
import type { Window } from "../windows/window_end.ts";
import { type Made, tokenTimes } from "./made.ts";

/** What the client saw, with all of it between two readings of the server's counters. */
export function countedInAll(
  { input_tokens, output_tokens, cached_tokens }: Readonly<
    Record<"input_tokens" | "output_tokens" | "cached_tokens", number>
  >,
): ClientTokens {
  return {
    // llama-server counts only what it computed.
    input: [{ tokens: input_tokens, open: 0 }, { tokens: input_tokens - cached_tokens, open: 0 }],
    output: [{ tokens: output_tokens, open: 0 }],
  };
}

/**
 * What the client saw between two readings of the server's counters, which are not at the edges of the window: an answer
 * takes its time. Of requests with their chunks kept.
 */
export function countedBetween(readings: Window, made: readonly Made[]): ClientTokens {
  const { input_tokens, output_tokens } = tokensIn(readings, made.map(tokenTimes));
  let [cached, ended, largest, openInput, openOutput] = [0, 0, 0, 0, 0];
  for (const one of made) {
    const { t_send_ns, t_first_token_ns, t_done_ns, chunks } = one;
    if (t_first_token_ns !== null && isIn(readings, t_first_token_ns)) cached += one.cached_tokens ?? 0;
    if (t_done_ns !== null && isIn(readings, t_done_ns)) ended += one.output_tokens;
    largest = Math.max(largest, one.output_tokens);
    for (const edge of [readings.t0_ns, readings.t1_ns]) {
      const isOpen = t_send_ns !== null && t_send_ns <= edge && (t_done_ns ?? edge) >= edge;
      if (!isOpen) continue;
      // An input is counted at any time between its send and its first token, a chunk when it is made.
      if (t_first_token_ns === null || t_first_token_ns >= edge) openInput += one.input_tokens ?? 0;
      openOutput += one.output_tokens / Math.max(1, chunks?.gaps_ms.length ?? 0);
    }
  }
  return {
    input: [
      { tokens: input_tokens, open: openInput },
      { tokens: input_tokens - cached, open: openInput },
    ],
    // llama-server and TGI count the tokens of a request when it ends.
    output: [{ tokens: output_tokens, open: openOutput }, { tokens: ended, open: largest }],
  };
}
