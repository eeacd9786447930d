import type { DecoderConfig } from "../../../lib/experiment/config.ts";
import type { Context } from "./context.ts";
import type { Library } from "./library.ts";
import { LOGIT_BIAS_BYTES } from "./structs.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** The library's way to say "keep at least one candidate". */
const MIN_KEEP = 1n;

/** How the next token is chosen, for all requests of a run. */
export interface SamplerSettings {
  readonly decoder: DecoderConfig;
  readonly randomSeed: number;
}

/** One link of a chain: what a reader sees, and how it is made. */
interface Link {
  readonly text: string;
  readonly make: () => Deno.PointerValue;
}

/**
 * Chooses the tokens of one request. Until `allowEnd()` is called no token that ends the text can be chosen, if it
 * was made so.
 */
export class Sampler {
  readonly #library: Library;
  readonly #chain: Deno.PointerObject;
  #bans: boolean;

  constructor(library: Library, links: readonly Link[], bans: boolean) {
    const { llama } = library;
    const chain = llama.llama_sampler_chain_init(new Uint8Array([1])); // no timing of its own
    if (chain === null) throw new Error("llama_sampler_chain_init returned NULL");
    for (const { text, make } of links) {
      const link = make();
      if (link === null) throw new Error(`The library made no sampler ${text}`);
      llama.llama_sampler_chain_add(chain, link);
    }
    this.#library = library;
    this.#chain = chain;
    this.#bans = bans;
  }

  /** The next token, from the logits of batch index `index` of the last decode. */
  sample(context: Context, index: number): number {
    return this.#library.llama.llama_sampler_sample(this.#chain, context.pointer, index);
  }

  /** Tells the chain of a token that was not sampled: a repetition penalty counts the prompt too. */
  accept(token: number): void {
    this.#library.llama.llama_sampler_accept(this.#chain, token);
  }

  /** Lifts the ban on tokens that end the text. The chain keeps what it remembers. */
  allowEnd(): void {
    if (!this.#bans) return;
    this.#bans = false;
    this.#library.llama.llama_sampler_free(this.#library.llama.llama_sampler_chain_remove(this.#chain, 0));
  }

  free(): void {
    this.#library.llama.llama_sampler_free(this.#chain);
  }
}

/** Makes the sampler of a request; `bansEnd` puts the ban in front. */
export function makeSampler(
  library: Library,
  vocabulary: Vocabulary,
  settings: SamplerSettings,
  request: { readonly index: number; readonly length: number; readonly bansEnd: boolean },
): Sampler {
  const links = chainLinks(library, vocabulary, settings, request);
  const ban = banLink(library, vocabulary);
  const bans = request.bansEnd && vocabulary.endOfGeneration.size > 0;
  return new Sampler(library, bans ? [ban, ...links] : links, bans);
}

/** The chain as the result states it; the first request stands for all. */
export function describeChain(library: Library, vocabulary: Vocabulary, settings: SamplerSettings): string {
  return chainLinks(library, vocabulary, settings, { index: 0, length: 0 }).map(({ text }) => text).join(
    " > ",
  );
}

/** True where the most likely token is always taken. */
export function isGreedy({ do_sample, temperature }: DecoderConfig): boolean {
  return !do_sample || temperature === 0;
}

/** Links that change nothing are left out: each costs time for every token. */
function chainLinks(
  { llama }: Library,
  { size }: Vocabulary,
  { decoder, randomSeed }: SamplerSettings,
  { index, length }: { readonly index: number; readonly length: number },
): Link[] {
  const { repetition_penalty, top_k, top_p, min_p, temperature } = decoder;
  const penalties: Link = {
    text: `penalties(repeat ${repetition_penalty}, whole request)`,
    make: () => llama.llama_sampler_init_penalties(size, length, repetition_penalty, 0, 0),
  };
  const links = repetition_penalty === 1 ? [] : [penalties];
  if (isGreedy(decoder)) {
    return [...links, { text: "greedy", make: () => llama.llama_sampler_init_greedy() }];
  }
  // top_k comes first of the rest: what follows then works on a few candidates instead of the whole vocabulary.
  if (top_k > 0) {
    const count = Math.min(top_k, size);
    links.push({ text: `top_k(${count})`, make: () => llama.llama_sampler_init_top_k(count) });
  }
  if (top_p < 1) {
    links.push({ text: `top_p(${top_p})`, make: () => llama.llama_sampler_init_top_p(top_p, MIN_KEEP) });
  }
  if (min_p !== null && min_p > 0) {
    links.push({ text: `min_p(${min_p})`, make: () => llama.llama_sampler_init_min_p(min_p, MIN_KEEP) });
  }
  if (temperature !== 1) {
    links.push({ text: `temp(${temperature})`, make: () => llama.llama_sampler_init_temp(temperature) });
  }
  const seed = (randomSeed + index) >>> 0;
  links.push({
    text: `dist(seed ${randomSeed} + index)`,
    make: () => llama.llama_sampler_init_dist(seed),
  });
  return links;
}

function banLink({ llama }: Library, { size, endOfGeneration }: Vocabulary): Link {
  const biases = new DataView(new ArrayBuffer(LOGIT_BIAS_BYTES * endOfGeneration.size));
  [...endOfGeneration].forEach((token, index) => {
    biases.setInt32(LOGIT_BIAS_BYTES * index, token, true);
    biases.setFloat32(LOGIT_BIAS_BYTES * index + 4, -Infinity, true);
  });
  return {
    text: "no end",
    // The library copies the array.
    make: () =>
      llama.llama_sampler_init_logit_bias(size, endOfGeneration.size, new Uint8Array(biases.buffer)),
  };
}
