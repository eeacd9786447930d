import { asBytes } from "./c_text.ts";
import type { Library } from "./library.ts";
import type { Model } from "./model.ts";

/**
 * The tokens of a text, with the special tokens that the model wants around it. Names of special tokens in the text are
 * those tokens, as the tokenizers of other engines take them: a prompt with the marks of a chat means the same in all.
 */
export function tokenize({ llama }: Library, { vocab }: Model, text: string): Int32Array<ArrayBuffer> {
  const utf8 = new TextEncoder().encode(text);
  const call = (out: Int32Array<ArrayBuffer>): number =>
    llama.llama_tokenize(vocab, utf8, utf8.length, asBytes(out), out.length, true, true);
  let tokens = new Int32Array(utf8.length + 8);
  let count = call(tokens);
  if (count < 0) { // too small: the answer is the size needed, negated
    tokens = new Int32Array(-count);
    count = call(tokens);
  }
  if (count < 0) throw new Error(`Cannot tokenise ${utf8.length} bytes: llama_tokenize returned ${count}`);
  return tokens.subarray(0, count);
}
