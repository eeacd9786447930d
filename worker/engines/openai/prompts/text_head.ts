import { drawnFrom, type PromptSeeds } from "./seeds.ts";
import type { SingleWords } from "./single_words.ts";
import { drawWords } from "./words.ts";

/** Words at the beginning of a text that make it another one: two runs share five words in a thousand million. */
const SALT_WORDS = 5;

/** The words that all prompts of a run begin with: one for each token wanted. */
export function prefixWords(count: number, seeds: PromptSeeds, words: SingleWords): readonly string[] {
  return beginning(count, seeds, "prefix", 0, 0, words, true);
}

/** The words that make one prompt of one pass another one; behind a shared prefix they begin nothing. */
export function saltWords(
  seeds: PromptSeeds,
  index: number,
  pass: number,
  words: SingleWords,
  atBeginning: boolean,
): readonly string[] {
  return beginning(SALT_WORDS, seeds, "salt", index, pass, words, atBeginning);
}

function beginning(
  count: number,
  seeds: PromptSeeds,
  purpose: "prefix" | "salt",
  index: number,
  pass: number,
  words: SingleWords,
  atBeginning: boolean,
): readonly string[] {
  const random = drawnFrom(seeds, purpose, index, pass);
  const drawn = drawWords(count, random, words.inside);
  const [front] = drawWords(1, random, words.first);
  return atBeginning && front !== undefined && count > 0 ? [front, ...drawn.slice(1)] : drawn;
}

/** A text with other words at its beginning; null where it does not begin with the words that it should. */
export function withHead(text: string, head: readonly string[], other: readonly string[]): string | null {
  const [from, to] = [head.join(" "), other.join(" ")];
  return text.startsWith(from) ? to + text.slice(from.length) : null;
}
