import type { Random } from "../../../../lib/base/random.ts";
import type { ServerTokenizer } from "./tokenizer.ts";
import { drawWords, WORDS } from "./words.ts";

/** How a text is counted and cut. Null: the tokenizer gave no answer. */
export interface TextMeasure {
  /** Tokens that the server counts for a request with this text, template and beginning token included. */
  readonly count: (text: string) => Promise<number | null>;
  /** The text's first so many own tokens as text, null where that cannot be had. */
  readonly head: (text: string, tokens: number) => Promise<string | null>;
  /** Tokens that every request has beside its text. */
  readonly extra: number;
}

/** A text and how many tokens the server counts for it; null where it could not be asked. */
export interface CountedText {
  readonly text: string;
  readonly tokens: number | null;
}

const MAX_TRIES = 12;

/**
 * A text for which the server counts exactly `target` tokens, its first words `head`: as many words as there are
 * tokens, then grown by what is missing or cut at its own tokens. Where no try hits it, the nearest one below is
 * given with its true count.
 */
export async function exactText(
  target: number,
  random: Random,
  measure: TextMeasure,
  head: readonly string[] = [],
  words: readonly string[] = WORDS,
): Promise<CountedText> {
  const own = Math.max(1, target - measure.extra);
  // Common words are one token each: the first guess.
  let text = [...head, ...drawWords(Math.max(0, own - head.length), random, words)].slice(0, own).join(" ");
  let best: CountedText = { text, tokens: null };
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const tokens = await measure.count(text);
    if (tokens === null) return best;
    if (best.tokens === null || nearer(tokens, best.tokens, target)) best = { text, tokens };
    if (tokens === target) return best;
    if (tokens < target) {
      // What one more word costs is not known: towards the end they come one by one.
      const missing = target - tokens;
      text += ` ${drawWords(tries < MAX_TRIES / 2 ? missing : 1, random, words).join(" ")}`;
      continue;
    }
    const cut = await measure.head(text, Math.max(1, own - Math.floor(tries / 3)));
    const shorter = cut !== null && cut.length < text.length && cut !== ""
      ? cut
      : withoutWords(text, tokens - target);
    if (shorter === "") return best;
    text = shorter;
  }
  return best;
}

/** The longest beginning of a text for which the server counts at most `most` tokens. */
export async function atMost(text: string, most: number, measure: TextMeasure): Promise<CountedText> {
  let current = text;
  let tokens = await measure.count(current);
  for (let tries = 0; tries < MAX_TRIES && tokens !== null && tokens > most; tries++) {
    const cut = await measure.head(current, Math.max(1, most - measure.extra - tries));
    const shorter = cut === null || cut === "" || cut.length >= current.length
      ? current.slice(0, Math.max(1, Math.floor(current.length * most / tokens)))
      : cut;
    if (shorter === current) break;
    current = shorter;
    tokens = await measure.count(current);
  }
  return { text: current, tokens };
}

/** Counting by a tokenizer of completions: text and its beginning token. */
export async function completionMeasure(tokenizer: ServerTokenizer): Promise<TextMeasure> {
  const [plain, special] = [await tokenizer.tokenize("time", false), await tokenizer.tokenize("time", true)];
  const count = async (text: string): Promise<number | null> =>
    (await tokenizer.tokenize(text, true))?.length ?? null;
  return {
    count,
    head: ownHead(tokenizer),
    extra: plain === null || special === null ? 0 : Math.max(0, special.length - plain.length),
  };
}

/** The first tokens of a text, cut where its own tokens end and no character is broken. */
export function ownHead(tokenizer: ServerTokenizer): TextMeasure["head"] {
  return async (text, tokens) => {
    const ids = await tokenizer.tokenize(text, false);
    if (ids === null) return null;
    const cut = await tokenizer.detokenize(ids.slice(0, tokens));
    return cut === null ? null : cut.replace(/\ufffd+$/, "");
  };
}

function withoutWords(text: string, count: number): string {
  return text.split(" ").slice(0, -Math.max(1, count)).join(" ");
}

function nearer(tokens: number, best: number, target: number): boolean {
  const [distance, bestDistance] = [Math.abs(tokens - target), Math.abs(best - target)];
  return distance < bestDistance || (distance === bestDistance && tokens < best);
}
