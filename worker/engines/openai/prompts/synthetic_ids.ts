import { drawIds } from "./id_prompt.ts";
import { isSalted, type PrefixCacheMode, type PromptFacts, type PromptSource } from "./prompt_source.ts";
import { drawnFrom } from "./seeds.ts";
import type { IdRange } from "./vocabulary.ts";

/** Synthetic prompts: `dataset` of a study, and what a run adds to it. */
export interface SyntheticWish {
  readonly n: number;
  readonly input_len: number;
  readonly output_len: number;
  readonly seed: number;
  /** First tokens that all prompts share; part of `input_len`. */
  readonly prefix_len: number;
  readonly prefix_cache: PrefixCacheMode;
  /** From `saltOf(token)`. */
  readonly salt: number;
}

/** Prompts of token ids: exact without asking anybody, drawn when they are needed. */
export function idSource(wish: SyntheticWish, range: IdRange): PromptSource {
  let mode = wish.prefix_cache;
  const prefixLength = Math.min(wish.prefix_len, wish.input_len);
  const facts: PromptFacts = {
    made_by: "ids",
    input_length: "exact",
    vocabulary: { size: range.size, source: range.source },
    tokenizer: null,
    extra_tokens: 0,
    extra_tokens_by: null,
    prefix_tokens: prefixLength,
  };
  return {
    count: wish.n,
    facts,
    warnings: [],
    useSalt: () => {
      mode = "unique";
    },
    at: (index, pass) => {
      const { seed, salt } = wish;
      const prefix = drawIds(
        prefixLength,
        drawnFrom({ seed, salt: mode === "unique" ? salt : 0 }, "prefix", 0, 0),
        range,
      );
      const salted = isSalted(mode, pass);
      const own = drawIds(
        wish.input_len - prefixLength,
        drawnFrom({ seed, salt: salted ? salt : 0 }, "prompt", index, salted ? pass : 0),
        range,
      );
      return {
        index,
        payload: { kind: "ids", ids: [...prefix, ...own] },
        asked_tokens: wish.input_len,
        max_output: wish.output_len,
        exact_output: true,
        shared_tokens: prefixLength,
      };
    },
  };
}
