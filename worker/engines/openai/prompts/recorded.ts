import type { Warning } from "../warning.ts";
import { atMost, type TextMeasure } from "./exact_text.ts";
import { promptsNotCut } from "./messages.ts";
import { isSalted, type PrefixCacheMode, type PromptSource, textPayload } from "./prompt_source.ts";
import { ANY_WORDS } from "./single_words.ts";
import { saltWords } from "./text_head.ts";

/** Prompts that people wrote: from the file of the whole study. */
export interface RecordedWish {
  readonly texts: readonly string[];
  readonly max_input_tokens: number;
  readonly max_output_tokens: number;
  readonly prefix_cache: PrefixCacheMode;
  readonly salt: number;
}

/**
 * A prompt whose letters may all be tokens, and that still is short enough: nobody needs to be asked about it.
 * Every token is at least one byte of text.
 */
function isShort(text: string, most: number): boolean {
  return new TextEncoder().encode(text).length <= most;
}

/**
 * The prompts of a file in their order, those that are too long cut by the server's tokenizer. Without one they are
 * sent whole, which is told. Where a prefix cache must not hit, some words stand in front of each text.
 */
export async function recordedSource(
  api: "completions" | "chat",
  wish: RecordedWish,
  measure: TextMeasure | null,
): Promise<PromptSource> {
  const { max_input_tokens } = wish;
  const texts: string[] = [];
  let uncut = 0;
  for (const text of wish.texts) {
    if (isShort(text, max_input_tokens - (measure?.extra ?? 0))) texts.push(text);
    else if (measure === null) {
      texts.push(text);
      uncut++;
    } else {
      const cut = await atMost(text, max_input_tokens, measure);
      texts.push(cut.text);
      if (cut.tokens === null || cut.tokens > max_input_tokens) uncut++;
    }
  }
  const warnings: Warning[] = uncut === 0
    ? []
    : [{ code: "prompts_not_cut", text: promptsNotCut(uncut, texts.length, max_input_tokens) }];
  let mode = wish.prefix_cache;
  return {
    count: texts.length,
    facts: {
      made_by: "recorded",
      input_length: null,
      vocabulary: null,
      tokenizer: null,
      extra_tokens: measure?.extra ?? null,
      extra_tokens_by: null,
      prefix_tokens: 0,
    },
    warnings,
    useSalt: () => {
      mode = "unique";
    },
    at: (index, pass) => {
      const text = texts[index] ?? "";
      const salt = isSalted(mode, pass)
        ? `${saltWords({ seed: 0, salt: wish.salt }, index, pass, ANY_WORDS, true).join(" ")}\n`
        : "";
      return {
        index,
        payload: textPayload(api, salt + text),
        asked_tokens: null,
        max_output: wish.max_output_tokens,
        exact_output: false,
        shared_tokens: measure?.extra ?? 0,
      };
    },
  };
}
