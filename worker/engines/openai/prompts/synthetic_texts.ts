import type { Warning } from "../warning.ts";
import { exactText, type TextMeasure } from "./exact_text.ts";
import { fewAtOnce } from "./few_at_once.ts";
import { lengthsApproximate } from "./messages.ts";
import { isSalted, type PromptFacts, type PromptSource, textPayload } from "./prompt_source.ts";
import { drawnFrom } from "./seeds.ts";
import { ANY_WORDS, type SingleWords } from "./single_words.ts";
import { lengthsAt, type SyntheticWish } from "./synthetic_ids.ts";
import { prefixWords, saltWords, withHead } from "./text_head.ts";

/** What is known of a server's tokenizer when texts are made. */
export interface TextMaking {
  readonly api: "completions" | "chat";
  readonly tokenizer: string;
  readonly measure: TextMeasure;
  readonly extraBy: "tokenizer" | "usage";
  /** Null: words are of several tokens, so that a text with another beginning may differ in length. */
  readonly words: SingleWords | null;
}

export interface MakingOptions {
  /** After this the rest of the prompts is not counted any more. */
  readonly totalMs?: number;
  /** Told after each prompt: a worker that makes thousands is not silent. */
  readonly progress?: (made: number, of: number) => void;
}

/** A server with a usual tokenizer counts 100,000 prompts in this time. */
const TOTAL_MS = 120_000;

/**
 * Prompts of words. With a tokenizer each is grown and trimmed until it counts what was asked, all of them before
 * this resolves; without one (`making` null) each has that many words.
 */
export async function textSource(
  api: "completions" | "chat",
  wish: SyntheticWish,
  making: TextMaking | null,
  { totalMs = TOTAL_MS, progress = () => {} }: MakingOptions = {},
): Promise<PromptSource> {
  const words = making?.words ?? ANY_WORDS;
  const head = headOf(wish, words, making?.measure.extra ?? 0);
  const texts: string[] = [];
  const endMs = performance.now() + totalMs;
  let [made, wrong] = [0, 0];
  const make = async (index: number): Promise<void> => {
    const random = drawnFrom({ seed: wish.seed, salt: 0 }, "prompt", index, 0);
    const measure = performance.now() < endMs ? making?.measure ?? NO_MEASURE : NO_MEASURE;
    const { input_len } = lengthsAt(wish, index);
    const { text, tokens } = await exactText(
      input_len,
      random,
      measure,
      head(index, 0, wish.prefix_cache),
      words.inside,
    );
    texts[index] = text;
    if (tokens !== input_len) wrong++;
    progress(++made, wish.n);
  };
  await fewAtOnce(wish.n, make);
  const exact = making !== null && wrong === 0;
  const facts: PromptFacts = {
    made_by: making === null ? "words" : "tokenizer",
    input_length: exact ? "exact" : "approximate",
    vocabulary: null,
    tokenizer: making?.tokenizer ?? null,
    extra_tokens: making?.measure.extra ?? null,
    extra_tokens_by: making?.extraBy ?? null,
    prefix_tokens: Math.min(wish.prefix_len, wish.input_len),
  };
  const warnings: Warning[] = exact ? [] : [{
    code: "input_length_approximate",
    text: lengthsApproximate(
      wish.input_len,
      making === null ? null : { wrong, of: wish.n, extra: making.measure.extra },
    ),
  }];
  let mode = wish.prefix_cache;
  return {
    count: wish.n,
    facts,
    warnings,
    useSalt: () => {
      mode = "unique";
    },
    at: (index, pass) => {
      const made = texts[index] ?? "";
      const { input_len, output_len } = lengthsAt(wish, index);
      const text = withHead(made, head(index, 0, wish.prefix_cache), head(index, pass, mode)) ?? made;
      return {
        index,
        payload: textPayload(api, text),
        asked_tokens: input_len,
        max_output: output_len,
        exact_output: true,
        shared_tokens: Math.min(facts.prefix_tokens, input_len) + (making?.measure.extra ?? 0),
      };
    },
  };
}

const NO_MEASURE: TextMeasure = {
  count: () => Promise.resolve(null),
  head: () => Promise.resolve(null),
  extra: 0,
};

/** The first words of a prompt: the shared prefix, then those that make it one of its own. */
function headOf(
  wish: SyntheticWish,
  words: SingleWords,
  extra: number,
): (index: number, pass: number, mode: SyntheticWish["prefix_cache"]) => readonly string[] {
  const { seed, salt, prefix_len } = wish;
  return (index, pass, mode) => {
    const own = Math.max(1, lengthsAt(wish, index).input_len - extra);
    const prefix = prefixWords(
      Math.min(prefix_len, own),
      { seed, salt: mode === "unique" ? salt : 0 },
      words,
    );
    const salted = isSalted(mode, pass);
    const rest = saltWords(
      { seed, salt: salted ? salt : 0 },
      index,
      salted ? pass : 0,
      words,
      prefix.length === 0,
    );
    return [...prefix, ...rest].slice(0, own);
  };
}
