import { createHash, type Hash } from "node:crypto";
import type { Engine } from "./engine.ts";
import { generate, type Generation } from "./generate.ts";
import { type Outbox, phase } from "./outbox.ts";
import type { Progress } from "./progress.ts";
import type { Prompt } from "./prompts.ts";
import { requestFrame } from "./request_frame.ts";

/** Sums over all requests of a run. */
export interface Totals {
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly prefillNs: bigint;
  readonly decodeNs: bigint;
  /** Tokens that decode steps gave: all but the first of each request. */
  readonly decodedTokens: number;
  /** SHA-256 over the generated token ids in request order: equal work gives equal hashes. */
  readonly outputHash: string;
}

/** Runs prompts that are not counted, in batches of the measured size. */
export function warmUp(
  engine: Engine,
  prompts: readonly Prompt[],
  parallel: number,
  progress: Progress,
): void {
  for (const group of groups(prompts, parallel)) {
    generate(engine, group, (tokens, nowNs) => progress.add(tokens, nowNs));
  }
}

/** Runs all prompts in static batches and reports every request. */
export function measure(
  engine: Engine,
  prompts: readonly Prompt[],
  parallel: number,
  outbox: Outbox,
  progress: Progress,
): Totals {
  const hash = createHash("sha256");
  let totals: Omit<Totals, "outputHash"> = {
    requests: 0,
    inputTokens: 0,
    outputTokens: 0,
    prefillNs: 0n,
    decodeNs: 0n,
    decodedTokens: 0,
  };
  for (const group of groups(prompts, parallel)) {
    const generation = generate(engine, group, (tokens, nowNs) => progress.add(tokens, nowNs));
    totals = addUp(totals, generation);
    generation.sequences.forEach(({ tokens }) => addTokens(hash, tokens));
    report(outbox, generation);
    progress.forget(missedTokens(generation));
  }
  return { ...totals, outputHash: hash.digest("hex") };
}

function addUp(totals: Omit<Totals, "outputHash">, generation: Generation): Omit<Totals, "outputHash"> {
  const { sequences, beginNs, prefillEndNs, endNs } = generation;
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

/** Phases and requests of a batch; they wait in the outbox, so that posting them does not slow the next batch. */
function report(outbox: Outbox, { sequences, beginNs, prefillEndNs, endNs }: Generation): void {
  outbox.queue(phase("prefill", "begin", beginNs), phase("prefill", "end", prefillEndNs));
  if (sequences.some(({ tokens }) => tokens.length > 1)) {
    outbox.queue(phase("decode", "begin", prefillEndNs), phase("decode", "end", endNs));
  }
  outbox.queue(...sequences.map((sequence) => requestFrame(sequence, beginNs)));
  if (outbox.isDue(endNs)) outbox.flush(endNs);
}

/** Tokens that were planned and never came, because the text ended before. */
function missedTokens({ sequences }: Generation): number {
  return sequences.reduce((sum, { prompt, tokens }) => sum + prompt.maxOutput - tokens.length, 0);
}

function addTokens(hash: Hash, tokens: readonly number[]): void {
  hash.update(new Uint8Array(Int32Array.from([tokens.length, ...tokens]).buffer));
}

function* groups<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
