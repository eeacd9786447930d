import type { Warning } from "../warning.ts";
import { type CountersSummary, deltaOf } from "./counter_summary.ts";
import { tokensApart } from "./messages.ts";

/** Tokens as our client saw them between the first and the last reading of the counters. */
export interface ClientTokens {
  readonly input_tokens: number;
  readonly output_tokens: number;
  /** Of the input: what the server had in its cache. */
  readonly cached_tokens: number;
  /** Of requests under way at a reading: whether the server had counted them, nobody knows. */
  readonly open_input_tokens: number;
  readonly open_output_tokens: number;
}

/** The server's tokens beside ours. */
export interface TokenComparison {
  readonly server_input_tokens: number | null;
  readonly server_output_tokens: number | null;
  /** Server's over client's, less 1; null where one of them is not known. */
  readonly input_difference: number | null;
  readonly output_difference: number | null;
  readonly warnings: readonly Warning[];
}

/** More than this beyond what was under way is another thing. */
const TOLERATED = 0.01;

/**
 * Compares the server's counters with the client's counts over the same time. Somebody else's requests, tokens of
 * cut streams and a tokenizer that differs show here. Cached input may or may not be in a server's counter
 * (llama-server counts only what it computed), so that much less is tolerated.
 */
export function compareTokens(summary: CountersSummary | null, client: ClientTokens): TokenComparison {
  const [input, output] = [deltaOf(summary, "prompt_tokens"), deltaOf(summary, "output_tokens")];
  const computed = client.input_tokens - client.cached_tokens;
  const nearest = input !== null && Math.abs(input - computed) < Math.abs(input - client.input_tokens)
    ? computed
    : client.input_tokens;
  return {
    server_input_tokens: input,
    server_output_tokens: output,
    input_difference: differenceOf(input, nearest),
    output_difference: differenceOf(output, client.output_tokens),
    warnings: [
      ...warningOf("input", input, nearest, client.open_input_tokens),
      ...warningOf("output", output, client.output_tokens, client.open_output_tokens),
    ],
  };
}

function differenceOf(server: number | null, client: number): number | null {
  if (server === null) return null;
  if (client === 0) return server === 0 ? 0 : null;
  return server / client - 1;
}

function warningOf(
  side: "input" | "output",
  server: number | null,
  client: number,
  open: number,
): readonly Warning[] {
  if (server === null || Math.abs(server - client) <= TOLERATED * client + open) return [];
  return [{ code: "server_tokens_differ", text: tokensApart(side, server, client) }];
}
