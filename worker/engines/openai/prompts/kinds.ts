/** What a kind of server takes beyond the protocol that all of them speak, as far as prompts need it. */

import { type ServerKind, serverKindOf } from "../../../../lib/experiment/engines/openai/server.ts";
import { devModeNeeded } from "./messages.ts";

/** How to ask a server's tokenizer; see `tokenizer.ts`. */
export type TokenizerDialect = "vllm" | "sglang" | "llama-server" | "tgi" | "lmdeploy";

/** How a server forgets what it has cached of former prompts. */
export type CacheReset =
  | { readonly kind: "request"; readonly path: string; readonly hint: string }
  /** Fields of every request by which nothing cached is used. */
  | { readonly kind: "body"; readonly fields: Readonly<Record<string, boolean>> }
  | { readonly kind: "none" };

/** What one kind takes. */
export interface PromptKind {
  /** /v1/completions takes an array of token ids. */
  readonly takesIds: boolean;
  /** Asked in this order; the first that makes sense is used. */
  readonly tokenizers: readonly TokenizerDialect[];
  readonly reset: CacheReset;
  /** Ends only at `max_tokens` where asked. */
  readonly ignoreEos: boolean;
  /** Name of the field for the fewest tokens; null where there is none. */
  readonly minTokens: string | null;
  /** It knows `continuous_usage_stats` of `stream_options`: usage in every chunk. */
  readonly continuousUsage: boolean;
  /** Fields by which each chunk tells its tokens. */
  readonly perChunk: Readonly<Record<string, boolean>>;
  /** Fields that switch off what it takes from the model's folder for sampling that a request says nothing of. */
  readonly plainSampling: Readonly<Record<string, number>>;
}

const NO_RESET: CacheReset = { kind: "none" };

const PLAIN: PromptKind = {
  takesIds: false,
  tokenizers: [],
  reset: NO_RESET,
  ignoreEos: false,
  minTokens: null,
  continuousUsage: false,
  perChunk: {},
  plainSampling: {},
};

/** vLLM and SGLang read generation_config.json of the model: a repetition penalty is work that its engine alone would not do. */
const PLAIN_SAMPLING = { top_p: 1, top_k: -1, min_p: 0, repetition_penalty: 1 } as const;

/** By `openai.server.kind`. A server of kind `other` is asked with every tokenizer's words. */
const PROMPT_KINDS: Readonly<Record<ServerKind, PromptKind>> = {
  "vllm": {
    takesIds: true,
    tokenizers: ["vllm"],
    reset: {
      kind: "request",
      path: "/reset_prefix_cache",
      hint: devModeNeeded(),
    },
    ignoreEos: true,
    minTokens: "min_tokens",
    continuousUsage: true,
    perChunk: { return_token_ids: true },
    plainSampling: PLAIN_SAMPLING,
  },
  "sglang": {
    takesIds: true,
    tokenizers: ["sglang", "vllm"],
    reset: { kind: "request", path: "/flush_cache", hint: "" },
    ignoreEos: true,
    minTokens: "min_tokens",
    continuousUsage: true,
    perChunk: { return_token_ids: true },
    plainSampling: PLAIN_SAMPLING,
  },
  "trtllm": { ...PLAIN, takesIds: true, ignoreEos: true, minTokens: "min_tokens", tokenizers: ["vllm"] },
  "llama-server": {
    takesIds: true,
    tokenizers: ["llama-server"],
    reset: { kind: "body", fields: { cache_prompt: false } },
    ignoreEos: true,
    minTokens: null,
    continuousUsage: false,
    perChunk: { timings_per_token: true },
    plainSampling: {},
  },
  "tgi": { ...PLAIN, tokenizers: ["tgi"] },
  "lmdeploy": { ...PLAIN, tokenizers: ["lmdeploy"], ignoreEos: true, minTokens: "min_new_tokens" },
  "ollama": PLAIN,
  // One of vLLM, SGLang and TensorRT-LLM behind a proxy that checks fields.
  "nim": { ...PLAIN, tokenizers: ["vllm"] },
  "other": { ...PLAIN, tokenizers: ["vllm", "llama-server", "tgi", "lmdeploy"] },
};

/** A kind that is none of ours is treated as `other`. */
export function promptKind(kind: string): PromptKind {
  return PROMPT_KINDS[serverKindOf(kind)];
}
