import type { Warning } from "../warning.ts";
import type { Payload, RequestPrompt } from "./payload.ts";

/** How the lengths of a run's prompts were made, for the record. */
export interface PromptFacts {
  /** `ids`: token ids; `tokenizer`: the server's own counted; `words`: one word for a token; `recorded`: as given. */
  readonly made_by: "ids" | "tokenizer" | "words" | "recorded";
  /** As made; what the server counted in its usage is judged afterwards. Null for recorded prompts. */
  readonly input_length: "exact" | "approximate" | null;
  /** Size of the vocabulary that ids are drawn from and who told it. */
  readonly vocabulary: { readonly size: number; readonly source: string } | null;
  /** Words in which the server's tokenizer was asked. */
  readonly tokenizer: string | null;
  /** Tokens that the server's template or its beginning token add to each text. */
  readonly extra_tokens: number | null;
  /** Who told them: the tokenizer, or one request's usage. */
  readonly extra_tokens_by: "tokenizer" | "usage" | null;
  /** Tokens at the beginning that all prompts share. */
  readonly prefix_tokens: number;
}

/** The prompts of a run. */
export interface PromptSource {
  readonly count: number;
  readonly facts: PromptFacts;
  readonly warnings: readonly Warning[];
  /**
   * The prompt with this index, 0 ... count - 1, of a pass. The pass 0 is the same in every run; further ones begin
   * differently wherever a prefix cache would matter.
   */
  at(index: number, pass: number): RequestPrompt;
  /** From now on also the pass 0 begins differently from every other run's. */
  useSalt(): void;
}

/** A pass that no window reaches: what a warm-up sends must not be in a cache when it is measured. */
export const WARM_UP_PASS = 2 ** 30;

/** Whether a prompt needs a beginning of its own. `allow`: the cache may hit, so nothing is changed. */
export function isSalted(prefixCache: PrefixCacheMode, pass: number): boolean {
  return prefixCache === "unique" || (prefixCache === "reset" && pass > 0);
}

/** `openai.prefix_cache`. */
export type PrefixCacheMode = "reset" | "unique" | "allow";

/** A text as the API wants it. */
export function textPayload(api: "completions" | "chat", text: string): Payload {
  return api === "chat"
    ? { kind: "chat", messages: [{ role: "user", content: text }] }
    : { kind: "text", text };
}
