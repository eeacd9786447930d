import type { Warning } from "../warning.ts";
import { type CountersSummary, deltaOf } from "./counter_summary.ts";
import { tokensApart } from "./messages.ts";

/** Tokens as our client saw them between the first and the last reading of the counters, by one way of counting. */
export interface ClientCount {
  readonly tokens: number;
  /** Of requests under way at a reading: whether the server had counted them, nobody knows. */
  readonly open: number;
}

/** By every way in which servers count, the usual one first: the one nearest to the server's is taken. */
export interface ClientTokens {
  readonly input: readonly [ClientCount, ...ClientCount[]];
  readonly output: readonly [ClientCount, ...ClientCount[]];
}

/** The server's tokens beside ours. */
export interface TokenComparison {
  readonly server_input_tokens: number | null;
  readonly server_output_tokens: number | null;
  readonly client_input_tokens: number;
  readonly client_output_tokens: number;
  /** Server's over client's, less 1; null where one of them is not known. */
  readonly input_difference: number | null;
  readonly output_difference: number | null;
  readonly warnings: readonly Warning[];
}

/** More than this beyond what was under way is another thing. */
const TOLERATED = 0.01;

/**
 * Compares the server's counters with the client's counts over the same time. Somebody else's requests, tokens of
 * cut streams and a tokenizer that differs show here.
 */
export function compareTokens(summary: CountersSummary | null, client: ClientTokens): TokenComparison {
  const [input, output] = [deltaOf(summary, "prompt_tokens"), deltaOf(summary, "output_tokens")];
  const [inputs, outputs] = [nearest(client.input, input), nearest(client.output, output)];
  return {
    server_input_tokens: input,
    server_output_tokens: output,
    client_input_tokens: inputs.tokens,
    client_output_tokens: outputs.tokens,
    input_difference: differenceOf(input, inputs.tokens),
    output_difference: differenceOf(output, outputs.tokens),
    warnings: [...warningOf("input", input, inputs), ...warningOf("output", output, outputs)],
  };
}

function nearest([usual, ...others]: ClientTokens["input"], server: number | null): ClientCount {
  if (server === null) return usual;
  const distance = ({ tokens }: ClientCount): number => Math.abs(server - tokens);
  return others.reduce((best, other) => distance(other) < distance(best) ? other : best, usual);
}

function differenceOf(server: number | null, client: number): number | null {
  if (server === null) return null;
  if (client === 0) return server === 0 ? 0 : null;
  return server / client - 1;
}

function warningOf(
  side: "input" | "output",
  server: number | null,
  { tokens, open }: ClientCount,
): readonly Warning[] {
  if (server === null || Math.abs(server - tokens) <= TOLERATED * tokens + open) return [];
  return [{ code: "server_tokens_differ", text: tokensApart(side, server, tokens) }];
}
