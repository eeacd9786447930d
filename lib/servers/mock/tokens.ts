/** The mock's tokenizer: a token is a word, and `t123` is the word of token 123. */

/** Ids below are for words that are no token's own. */
const FIRST_OWN_ID = 256;

/** The word of a token, with the space that goes before it. */
export function tokenText(id: number): string {
  return ` t${id}`;
}

/** The ids of a text: one for each of its words, so that as many words are as many tokens. */
export function tokenize(text: string, vocab: number): number[] {
  const words = text.match(/\S+/g) ?? [];
  return words.map((word) => {
    const own = /^t\d{1,9}$/.test(word) ? Number(word.slice(1)) : -1;
    return own >= 0 && own < vocab ? own : hashOf(word) % FIRST_OWN_ID;
  });
}

/** The text of ids; `tokenize` gives them back. */
export function detokenize(ids: readonly number[]): string {
  return ids.map(tokenText).join("").trimStart();
}

/** The id of the n-th token that is generated after a prompt: always the same one, rarely the same twice in a row. */
export function generatedId(seed: number, index: number, vocab: number): number {
  return FIRST_OWN_ID + (seed + Math.imul(index, 7919) >>> 0) % (vocab - FIRST_OWN_ID);
}

/** A number that differs between prompts. */
export function seedOf(ids: readonly number[]): number {
  return ids.reduce((hash, id) => Math.imul(hash ^ id, 16_777_619), 2_166_136_261) >>> 0;
}

function hashOf(word: string): number {
  let hash = 2_166_136_261;
  for (let at = 0; at < word.length; at += 1) hash = Math.imul(hash ^ word.charCodeAt(at), 16_777_619);
  return hash >>> 0;
}
