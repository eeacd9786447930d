import { member, wholeNumber } from "../../../../lib/base/json.ts";
import { askJson, type AskLimits, type Call } from "../server/call.ts";
import type { PromptKind, TokenizerDialect } from "./kinds.ts";
import { PROBE_TEXT, WORDS } from "./words.ts";

/** A server's own tokenizer. Every answer may be null: a server that stops making sense fails nothing. */
export interface ServerTokenizer {
  readonly dialect: TokenizerDialect;
  /** Token ids of a text. `special`: with the tokens that a request's text gets (a beginning token). */
  tokenize(text: string, special: boolean): Promise<number[] | null>;
  /** Null also where the server has no such call. */
  detokenize(ids: readonly number[]): Promise<string | null>;
  /** Tokens of a whole chat, its template included; null where the server cannot tell. */
  countChat(messages: readonly ChatMessage[]): Promise<number | null>;
}

/** One message of a chat. */
export interface ChatMessage {
  readonly role: "user" | "assistant" | "system";
  readonly content: string;
}

interface Question {
  readonly path: string;
  readonly body: unknown;
}

interface Dialect {
  readonly encode: (text: string, special: boolean, model: string) => Question;
  readonly idsOf: (value: unknown) => unknown;
  readonly decode: null | ((ids: readonly number[], model: string) => Question);
  readonly textOf: (value: unknown) => unknown;
}

const tokensOf = (value: unknown): unknown => member(value, "tokens");

const encodeVllm: Dialect["encode"] = (prompt, special, model) => ({
  path: "/tokenize",
  body: { model, prompt, add_special_tokens: special },
});

const DIALECTS: Readonly<Record<TokenizerDialect, Dialect>> = {
  "vllm": {
    encode: encodeVllm,
    idsOf: tokensOf,
    decode: (tokens, model) => ({ path: "/detokenize", body: { model, tokens } }),
    textOf: (value) => member(value, "prompt") ?? member(value, "text"),
  },
  "sglang": {
    encode: encodeVllm,
    idsOf: tokensOf,
    decode: (tokens, model) => ({
      path: "/detokenize",
      body: { model, tokens, skip_special_tokens: false },
    }),
    textOf: (value) => member(value, "text") ?? member(value, "prompt"),
  },
  "llama-server": {
    encode: (content, special) => ({
      path: "/tokenize",
      body: { content, add_special: special, parse_special: special },
    }),
    idsOf: tokensOf,
    decode: (tokens) => ({ path: "/detokenize", body: { tokens } }),
    textOf: (value) => member(value, "content"),
  },
  "tgi": {
    encode: (inputs, special) => ({
      path: "/tokenize",
      body: { inputs, parameters: {}, add_special_tokens: special },
    }),
    idsOf: (value) => Array.isArray(value) ? value.map((token: unknown) => member(token, "id")) : null,
    decode: null,
    textOf: () => null,
  },
  "lmdeploy": {
    encode: (input, special) => ({
      path: "/v1/encode",
      body: { input, do_preprocess: false, add_bos: special },
    }),
    idsOf: (value) => member(value, "input_ids"),
    decode: null,
    textOf: () => null,
  },
};

/** A probe with several words: a tokenizer that answers the same for all texts, or nothing, is none. */
const PROBES = [WORDS[0] ?? "", PROBE_TEXT] as const;

/** After so many failed answers in a row it is asked no more: each may take its whole time limit. */
const GIVE_UP = 4;

/** The server's tokenizer, or null where none of those of its kind makes sense. */
export async function findTokenizer(
  call: Call,
  kind: PromptKind,
  model: string,
  limits?: AskLimits,
): Promise<ServerTokenizer | null> {
  for (const dialect of kind.tokenizers) {
    const tokenizer = speaking(dialect, call, model, limits);
    const one = await tokenizer.tokenize(PROBES[0], false);
    if (one === null || one.length === 0) continue;
    const several = await tokenizer.tokenize(PROBES[1], false);
    if (several !== null && several.length > one.length) return tokenizer;
  }
  return null;
}

function speaking(
  dialect: TokenizerDialect,
  call: Call,
  model: string,
  limits: AskLimits | undefined,
): ServerTokenizer {
  const { encode, idsOf, decode, textOf } = DIALECTS[dialect];
  let failed = 0;
  const ask = async ({ path, body }: Question): Promise<unknown> => {
    if (failed >= GIVE_UP) return null;
    const answer = await askJson(call, path, "POST", body, limits);
    failed = answer.kind === "json" ? 0 : failed + 1;
    return answer.kind === "json" ? answer.value : null;
  };
  const tokenize = async (text: string, special: boolean): Promise<number[] | null> =>
    idList(idsOf(await ask(encode(text, special, model))));
  return {
    dialect,
    tokenize,
    detokenize: async (ids) => {
      if (decode === null) return null;
      const text = textOf(await ask(decode(ids, model)));
      return typeof text === "string" ? text : null;
    },
    countChat: async (messages) => {
      if (dialect === "llama-server") {
        const text = member(await ask({ path: "/apply-template", body: { messages } }), "prompt");
        return typeof text === "string" ? (await tokenize(text, true))?.length ?? null : null;
      }
      const body = { model, messages, add_generation_prompt: true };
      if (decode === null) return null;
      return idList(tokensOf(await ask({ path: "/tokenize", body })))?.length ?? null;
    },
  };
}

function idList(value: unknown): number[] | null {
  if (!Array.isArray(value)) return null;
  const ids = value.map(wholeNumber);
  return ids.every((id) => id !== null) ? ids : null;
}
