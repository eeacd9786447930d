import { asBytes } from "./c_text.ts";
import type { Library } from "./library.ts";
import type { Model } from "./model.ts";

/** Bytes of text that a token stands for at most; longer texts are asked for again. */
const BYTES_PER_TOKEN = 16;

/** The text of tokens, special ones written out. Bytes that are no UTF-8 become U+FFFD. */
export function detokenize({ llama }: Library, { vocab }: Model, tokens: readonly number[]): string {
  const ids = Int32Array.from(tokens);
  const call = (out: Uint8Array<ArrayBuffer>): number =>
    llama.llama_detokenize(vocab, asBytes(ids), ids.length, out, out.length, false, true);
  let text = new Uint8Array(BYTES_PER_TOKEN * (ids.length + 1));
  let size = call(text);
  if (size < 0) { // too small: the answer is the size needed, negated
    text = new Uint8Array(-size);
    size = call(text);
  }
  if (size < 0) {
    throw new Error(`Cannot write ${ids.length} tokens as text: llama_detokenize returned ${size}`);
  }
  return new TextDecoder().decode(text.subarray(0, size));
}
