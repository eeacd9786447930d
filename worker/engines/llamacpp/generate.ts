import { monotonicNs } from "../../../lib/base/clock.ts";
import { decode } from "./decode.ts";
import type { Engine } from "./engine.ts";
import type { Prompt } from "./prompts.ts";
import { type Sequence, startSequence, takeToken } from "./sequence.ts";

/** One static batch of requests, generated to the end. */
export interface Generation {
  readonly sequences: readonly Sequence[];
  readonly beginNs: bigint;
  /** When the first token of the last request was there. */
  readonly prefillEndNs: bigint;
  readonly endNs: bigint;
}

/** Called after every decode call with the tokens it took in and those it gave. */
export type OnStep = (tokens: number, nowNs: bigint) => void;

/**
 * Runs up to n_parallel prompts as one static batch: all prompts are prefilled, then every step decodes one token
 * of each request that goes on. A request that ends leaves the steps; its place stays empty until the batch is done.
 */
export function generate(engine: Engine, prompts: readonly Prompt[], onStep: OnStep): Generation {
  const { llama } = engine.library;
  const sequences = prompts.map((prompt, id) => startSequence(engine, prompt, id));
  llama.llama_memory_clear(engine.context.memory, false);
  const beginNs = monotonicNs();
  prefill(engine, sequences, onStep);
  const prefillEndNs = monotonicNs();
  for (let open = openOf(sequences); open.length > 0; open = openOf(open)) step(engine, open, onStep);
  const endNs = monotonicNs();
  for (const { sampler } of sequences) sampler.free();
  return { sequences, beginNs, prefillEndNs, endNs };
}

/** Feeds the prompts in pieces of n_batch at most, and samples wherever a prompt ends in a piece. */
function prefill(engine: Engine, sequences: readonly Sequence[], onStep: OnStep): void {
  const { batch } = engine;
  let ended: Waiting[] = [];
  const compute = (): void => {
    decode(engine);
    for (const { sequence, index } of ended) sample(engine, sequence, index);
    onStep(batch.size + ended.length, monotonicNs());
    ended = [];
    batch.clear();
  };
  batch.clear();
  for (const sequence of sequences) {
    const { tokens } = sequence.prompt;
    tokens.forEach((token, position) => {
      if (batch.isFull) compute();
      const isLast = position === tokens.length - 1;
      const index = batch.add(token, position, sequence.id, isLast);
      if (isLast) ended.push({ sequence, index });
    });
  }
  compute();
}

/** A request whose logits stand at a batch index after the next decode. */
interface Waiting {
  readonly sequence: Sequence;
  readonly index: number;
}

/** Decodes the newest token of each open request. The batch holds them all: n_batch is not below n_parallel. */
function step(engine: Engine, open: readonly Sequence[], onStep: OnStep): void {
  const { batch } = engine;
  batch.clear();
  for (const { id, prompt, tokens } of open) {
    batch.add(tokens.at(-1) ?? 0, prompt.tokens.length + tokens.length - 1, id, true);
  }
  decode(engine);
  open.forEach((sequence, index) => sample(engine, sequence, index));
  onStep(open.length, monotonicNs());
}

function sample(engine: Engine, sequence: Sequence, index: number): void {
  const token = sequence.sampler.sample(engine.context, index);
  takeToken(sequence, token, engine.vocabulary.endOfGeneration.has(token), monotonicNs());
}

function openOf(sequences: readonly Sequence[]): readonly Sequence[] {
  return sequences.filter(({ endNs }) => endNs === null);
}
