import type { Library } from "./library.ts";
import type { Model } from "./model.ts";

/** `llama_token_attr` bits of tokens that stand for no text. */
const UNKNOWN = 1 << 0;
const UNUSED = 1 << 1;
const CONTROL = 1 << 3;

/** The tokens of a model, sorted by what may be done with them. */
export interface Vocabulary {
  readonly size: number;
  /** Tokens that end a generation (there are often several). */
  readonly endOfGeneration: ReadonlySet<number>;
  /** Tokens that stand for text: what a synthetic prompt is made of. */
  readonly text: Int32Array;
  /** The token that the model wants in front of every prompt, or null. */
  readonly beginning: number | null;
}

/** Asks the library about every token once. */
export function readVocabulary({ llama }: Library, { vocab }: Model): Vocabulary {
  const size = llama.llama_vocab_n_tokens(vocab);
  const endOfGeneration = new Set<number>();
  const text: number[] = [];
  for (let token = 0; token < size; token++) {
    const special = (llama.llama_vocab_get_attr(vocab, token) & (UNKNOWN | UNUSED | CONTROL)) !== 0;
    if (llama.llama_vocab_is_eog(vocab, token)) endOfGeneration.add(token);
    else if (!special) text.push(token);
  }
  const bos = llama.llama_vocab_get_add_bos(vocab) ? llama.llama_vocab_bos(vocab) : -1;
  return { size, endOfGeneration, text: Int32Array.from(text), beginning: bos < 0 ? null : bos };
}
