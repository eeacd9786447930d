import { isJsonObject, wholeNumber } from "../../../../lib/base/json.ts";
import { askJson, type AskLimits, type Call } from "../server/call.ts";
import type { ServerTokenizer } from "./tokenizer.ts";
import { WORDS } from "./words.ts";

/** The ids that prompts are drawn from. */
export interface IdRange {
  /** First and last id. */
  readonly from: number;
  readonly to: number;
  /** Ids within that stand for no text. */
  readonly without: ReadonlySet<number>;
  /** How the vocabulary's size is known. `/tokenize` tells only that it is at least so large. */
  readonly source: "/props" | "/v1/models" | "/server_info" | "/model_info" | "/tokenize";
  /** Tokens of the vocabulary. */
  readonly size: number;
}

/** Where servers tell it, and under which names. */
const PLACES = ["/v1/models", "/props", "/server_info", "/model_info"] as const;
const NAMES: ReadonlySet<string> = new Set(["n_vocab", "vocab_size"]);
const MAX_DEPTH = 6;
const MAX_VALUES = 20_000;

/** A vocabulary below this is none, one above is a mistake. */
const SMALLEST = 64;
const LARGEST = 4_000_000;

/**
 * Vocabularies keep their special, byte and unused tokens at the two ends: this share of them is left out at each.
 * (Llama 3 has 256 of 128,256 at the end, Qwen 3 some 300 of 151,936, Mistral's Tekken 1,000 of 131,072 at the
 * beginning.)
 */
const END_SHARE = 0.05;

/** Special tokens as they are written; whichever of them a tokenizer takes for one token is left out. */
const SPECIAL = [
  "<s>",
  "</s>",
  "<unk>",
  "<pad>",
  "<|im_start|>",
  "<|im_end|>",
  "<|endoftext|>",
  "<|eot_id|>",
  "<|begin_of_text|>",
  "<bos>",
  "<eos>",
  "[INST]",
  "[/INST]",
] as const;

/**
 * The ids to draw prompts from, or null where nobody tells how many there are.
 */
export async function findIdRange(
  call: Call,
  tokenizer: ServerTokenizer | null,
  limits?: AskLimits,
): Promise<IdRange | null> {
  for (const place of PLACES) {
    const answer = await askJson(call, place, "GET", null, limits);
    const size = answer.kind === "json" ? sizeIn(answer.value) : null;
    if (size !== null) return rangeOf(size, place, await specialIds(tokenizer));
  }
  const ids = await tokenizer?.tokenize(WORDS.join(" "), false) ?? [];
  const size = ids.reduce((most, id) => Math.max(most, id + 1), 0);
  return size >= SMALLEST ? rangeOf(size, "/tokenize", await specialIds(tokenizer)) : null;
}

/** The range of a vocabulary without its ends. */
export function rangeOf(size: number, source: IdRange["source"], without: ReadonlySet<number>): IdRange {
  const end = Math.ceil(size * END_SHARE);
  return { from: end, to: size - 1 - end, without, source, size };
}

/** The first sensible vocabulary size somewhere in an answer. */
export function sizeIn(value: unknown): number | null {
  let left = MAX_VALUES;
  const search = (part: unknown, depth: number): number | null => {
    if (depth > MAX_DEPTH || --left < 0) return null;
    if (Array.isArray(part)) return firstOf(part, (item) => search(item, depth + 1));
    if (!isJsonObject(part)) return null;
    return firstOf(Object.entries(part), ([name, item]) => {
      const size = NAMES.has(name) ? wholeNumber(item) : null;
      return size !== null && size >= SMALLEST && size <= LARGEST ? size : search(item, depth + 1);
    });
  };
  return search(value, 0);
}

function firstOf<T>(items: readonly T[], find: (item: T) => number | null): number | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}

async function specialIds(tokenizer: ServerTokenizer | null): Promise<ReadonlySet<number>> {
  const found = new Set<number>();
  for (const text of tokenizer === null ? [] : SPECIAL) {
    // A tokenizer that gives up is not asked again.
    const ids = await tokenizer?.tokenize(text, true) ?? null;
    if (ids === null) break;
    // With a beginning token in front the last one is what the text stands for.
    const last = ids.at(-1);
    if (ids.length <= 2 && last !== undefined) found.add(last);
  }
  return found;
}
