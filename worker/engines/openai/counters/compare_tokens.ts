import type { Warning } from "../warning.ts";
import { type CountersSummary, deltaOf } from "./counter_summary.ts";
import { tokensApart } from "./messages.ts";

/** Tokens of the window as our client saw them. */
export interface ClientTokens {
  readonly input_tokens: number;
  readonly output_tokens: number;
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

/** Counters move a moment before the client has the last tokens; more than this is another thing. */
const TOLERATED = 0.01;

/**
 * Compares the server's counters with the client's counts over the same window. Somebody else's requests, tokens of
 * cut streams and a tokenizer that differs show here. Cached input may or may not be in a server's counter
 * (llama-server counts only what it computed), so `cached_tokens` is tolerated.
 */
export function compareTokens(
  summary: CountersSummary | null,
  client: ClientTokens,
  cachedTokens: number,
): TokenComparison {
  const [input, output] = [deltaOf(summary, "prompt_tokens"), deltaOf(summary, "output_tokens")];
  const computed = client.input_tokens - cachedTokens;
  const nearest = input !== null && Math.abs(input - computed) < Math.abs(input - client.input_tokens)
    ? computed
    : client.input_tokens;
  const inputDifference = differenceOf(input, nearest);
  const outputDifference = differenceOf(output, client.output_tokens);
  return {
    server_input_tokens: input,
    server_output_tokens: output,
    input_difference: inputDifference,
    output_difference: outputDifference,
    warnings: [
      ...warningOf("input", inputDifference, input, nearest),
      ...warningOf("output", outputDifference, output, client.output_tokens),
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
  difference: number | null,
  server: number | null,
  client: number,
): readonly Warning[] {
  if (server === null || (difference !== null && Math.abs(difference) <= TOLERATED)) return [];
  return [{ code: "server_tokens_differ", text: tokensApart(side, server, client) }];
}
