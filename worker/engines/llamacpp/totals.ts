import type { Generation } from "./generate.ts";

/** Sums over all requests of a run. */
export interface Totals {
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly prefillNs: bigint;
  readonly decodeNs: bigint;
  /** Tokens that decode steps gave: all but the first of each request. */
  readonly decodedTokens: number;
}

export const NOTHING: Totals = {
  requests: 0,
  inputTokens: 0,
  outputTokens: 0,
  prefillNs: 0n,
  decodeNs: 0n,
  decodedTokens: 0,
};

/** The sums with one more batch. */
export function addUp(totals: Totals, { sequences, beginNs, prefillEndNs, endNs }: Generation): Totals {
  const sum = (of: (sequence: Generation["sequences"][number]) => number): number =>
    sequences.reduce((total, sequence) => total + of(sequence), 0);
  return {
    requests: totals.requests + sequences.length,
    inputTokens: totals.inputTokens + sum(({ prompt }) => prompt.tokens.length),
    outputTokens: totals.outputTokens + sum(({ tokens }) => tokens.length),
    prefillNs: totals.prefillNs + prefillEndNs - beginNs,
    decodeNs: totals.decodeNs + endNs - prefillEndNs,
    decodedTokens: totals.decodedTokens + sum(({ tokens }) => Math.max(0, tokens.length - 1)),
  };
}
