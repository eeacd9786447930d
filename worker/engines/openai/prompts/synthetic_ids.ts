import { drawIds } from "./id_prompt.ts";
import { isSalted, type PrefixCacheMode, type PromptFacts, type PromptSource } from "./prompt_source.ts";
import { drawnFrom } from "./seeds.ts";
import type { IdRange } from "./vocabulary.ts";

/** Lengths of one prompt and its answer, tokens. */
export interface PromptLengths {
  readonly input_len: number;
  readonly output_len: number;
  /** Blocks of 512 tokens, equal ids for equal blocks (Mooncake); the last one may be shorter. */
  readonly hash_ids?: readonly number[] | null;
}

/** Tokens of a block of Mooncake's traces. */
const BLOCK_TOKENS = 512;

/** Synthetic prompts: `dataset` of a study, and what a run adds to it. */
export interface SyntheticWish extends PromptLengths {
  readonly n: number;
  /** Lengths of each prompt, where they are those of a trace. */
  readonly lengths?: readonly PromptLengths[] | null;
  readonly seed: number;
  /** First tokens that all prompts share; part of `input_len`. */
  readonly prefix_len: number;
  readonly prefix_cache: PrefixCacheMode;
  /** From `saltOf(token)`. */
  readonly salt: number;
}

/** The lengths of one prompt. */
export function lengthsAt({ lengths, input_len, output_len }: SyntheticWish, index: number): PromptLengths {
  return lengths?.[index] ?? { input_len, output_len };
}

/** Prompts of token ids: exact without asking anybody, drawn when they are needed. */
export function idSource(wish: SyntheticWish, range: IdRange): PromptSource {
  let mode = wish.prefix_cache;
  const shared = sharedBlocks(wish.lengths ?? []);
  const prefixOf = (input_len: number): number => Math.min(wish.prefix_len, input_len);
  const facts: PromptFacts = {
    made_by: "ids",
    input_length: "exact",
    vocabulary: { size: range.size, source: range.source },
    tokenizer: null,
    extra_tokens: 0,
    extra_tokens_by: null,
    prefix_tokens: prefixOf(wish.input_len),
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
      const { input_len, output_len, hash_ids = null } = lengthsAt(wish, index);
      const answer = { index, asked_tokens: input_len, max_output: output_len, exact_output: true };
      if (hash_ids !== null) {
        const seeds = { seed, salt: isSalted(mode, pass) ? salt : 0 };
        const blocks = hash_ids.flatMap((id) =>
          drawIds(BLOCK_TOKENS, drawnFrom(seeds, "block", id, isSalted(mode, pass) ? pass : 0), range)
        );
        const ids = blocks.slice(0, input_len);
        const rest = drawIds(input_len - ids.length, drawnFrom(seeds, "prompt", index, pass), range);
        const shared_tokens = Math.min(input_len, (shared[index] ?? 0) * BLOCK_TOKENS);
        return { ...answer, payload: { kind: "ids", ids: [...ids, ...rest] }, shared_tokens };
      }
      const prefixLength = prefixOf(input_len);
      const prefix = drawIds(
        prefixLength,
        drawnFrom({ seed, salt: mode === "unique" ? salt : 0 }, "prefix", 0, 0),
        range,
      );
      const salted = isSalted(mode, pass);
      const own = drawIds(
        input_len - prefixLength,
        drawnFrom({ seed, salt: salted ? salt : 0 }, "prompt", index, salted ? pass : 0),
        range,
      );
      return { ...answer, payload: { kind: "ids", ids: [...prefix, ...own] }, shared_tokens: prefixLength };
    },
  };
}

/** How many first blocks of each prompt a former one has begun with too. */
function sharedBlocks(lengths: readonly PromptLengths[]): number[] {
  const seen = new Set<number>();
  return lengths.map(({ hash_ids }) => {
    const ids = hash_ids ?? [];
    const firstNew = ids.findIndex((id) => !seen.has(id));
    for (const id of ids) seen.add(id);
    return firstNew === -1 ? ids.length : firstNew;
  });
}
