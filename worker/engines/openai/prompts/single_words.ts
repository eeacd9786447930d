import { fewAtOnce } from "./few_at_once.ts";
import type { ServerTokenizer } from "./tokenizer.ts";
import { WORDS } from "./words.ts";

/** Words that can be exchanged for each other without changing a text's number of tokens. */
export interface SingleWords {
  /** One token each behind another word. */
  readonly inside: readonly string[];
  /** One token each at the beginning of a text. */
  readonly first: readonly string[];
}

/** Any words: where nobody counts tokens. */
export const ANY_WORDS: SingleWords = { inside: WORDS, first: WORDS };

/** Fewer words than this give too few different beginnings. */
const ENOUGH = 8;

/** Words asked about one by one, for the beginning of a text. */
const FIRST_WORDS = 32;

const FRONT = "time";

/** Asks for whole lists at once and halves those whose number of tokens is not their number of words. */
export async function findSingleWords(tokenizer: ServerTokenizer): Promise<SingleWords | null> {
  const frontTokens = (await tokenizer.tokenize(FRONT, false))?.length;
  if (frontTokens === undefined) return null;
  const single = async (words: readonly string[]): Promise<readonly string[]> => {
    const tokens = (await tokenizer.tokenize([FRONT, ...words].join(" "), false))?.length;
    if (tokens === undefined) return [];
    if (tokens - frontTokens === words.length) return words;
    // Where hardly any word is one token (a tiny vocabulary), there is no need to look at each.
    if (words.length === 1 || tokens - frontTokens > 2 * words.length) return [];
    const half = Math.ceil(words.length / 2);
    return [...await single(words.slice(0, half)), ...await single(words.slice(half))];
  };
  const inside = await single(WORDS);
  if (inside.length < ENOUGH) return null;
  const candidates = inside.slice(0, FIRST_WORDS);
  const counts: (number | undefined)[] = [];
  await fewAtOnce(candidates.length, async (index) => {
    counts[index] = (await tokenizer.tokenize(candidates[index] ?? FRONT, false))?.length;
  });
  const first = candidates.filter((_, index) => counts[index] === 1);
  return { inside, first: first.length < ENOUGH ? [FRONT] : first };
}
