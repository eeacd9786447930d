import type { Engine } from "./engine.ts";
import type { Prompt } from "./prompts.ts";
import { makeSampler, type Sampler } from "./sampler.ts";

/** One request while it is generated. */
export interface Sequence {
  /** The library's sequence id: its place in the batch of requests, kept to the end. */
  readonly id: number;
  readonly prompt: Prompt;
  readonly sampler: Sampler;
  /** Tokens generated so far. One that ends the text is not among them. */
  readonly tokens: number[];
  /** When each of them was there. */
  readonly timesNs: bigint[];
  /** When it ended; null while it goes on. */
  endNs: bigint | null;
}

/** A sequence ready to be prefilled. Making it is kept out of the measured times. */
export function startSequence(engine: Engine, prompt: Prompt, id: number): Sequence {
  const { library, vocabulary, sampling } = engine;
  const length = prompt.tokens.length + prompt.maxOutput;
  const bansEnd = prompt.minOutput > 0;
  const sampler = makeSampler(library, vocabulary, sampling, { index: prompt.index, length, bansEnd });
  if (sampling.decoder.repetition_penalty !== 1) prompt.tokens.forEach((token) => sampler.accept(token));
  return { id, prompt, sampler, tokens: [], timesNs: [], endNs: null };
}

/** Takes a sampled token and decides whether the request goes on. */
export function takeToken(sequence: Sequence, token: number, endsText: boolean, nowNs: bigint): void {
  const { prompt, sampler, tokens, timesNs } = sequence;
  if (endsText) {
    sequence.endNs = nowNs;
    return;
  }
  tokens.push(token);
  timesNs.push(nowNs);
  if (tokens.length === prompt.maxOutput) sequence.endNs = nowNs;
  else if (tokens.length === prompt.minOutput) sampler.allowEnd();
}
