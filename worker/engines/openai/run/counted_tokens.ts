import type { ClientTokens } from "../counters/compare_tokens.ts";
import { isIn, tokensIn } from "../windows/populations.ts";
import type { Window } from "../windows/window_end.ts";
import { type Made, tokenTimes } from "./made.ts";

/**
 * What the client saw between two readings of the server's counters, which are not at the edges of the window: an answer
 * takes its time. Of requests with their chunks kept.
 */
export function countedBetween(readings: Window, made: readonly Made[]): ClientTokens {
  const { input_tokens, output_tokens } = tokensIn(readings, made.map(tokenTimes));
  let [cached_tokens, open_input_tokens, open_output_tokens] = [0, 0, 0];
  for (const one of made) {
    const { t_send_ns, t_first_token_ns, t_done_ns, chunks } = one;
    if (t_first_token_ns !== null && isIn(readings, t_first_token_ns)) {
      cached_tokens += one.cached_tokens ?? 0;
    }
    for (const edge of [readings.t0_ns, readings.t1_ns]) {
      const isOpen = t_send_ns !== null && t_send_ns <= edge && (t_done_ns ?? edge) >= edge;
      if (!isOpen) continue;
      // An input is counted at any time between its send and its first token, a chunk when it is made.
      if (t_first_token_ns === null || t_first_token_ns >= edge) open_input_tokens += one.input_tokens ?? 0;
      open_output_tokens += one.output_tokens / Math.max(1, chunks?.gaps_ms.length ?? 0);
    }
  }
  return { input_tokens, output_tokens, cached_tokens, open_input_tokens, open_output_tokens };
}
