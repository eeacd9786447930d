import { isJsonObject, type Json, type JsonObject } from "../../../../lib/base/json.ts";
import { promptKind } from "./kinds.ts";
import type { RequestPrompt } from "./payload.ts";

/** What all request bodies of a run have in common. */
export interface BodyWish {
  readonly kind: string;
  readonly api: "completions" | "chat";
  readonly model: string;
  /** `decoder.temperature`; 0 for synthetic prompts. */
  readonly temperature: number;
  /** `random_seed`; null leaves it to the server. */
  readonly seed: number | null;
  /** `openai.body`: merged last; a null takes a field out. */
  readonly user: JsonObject;
  /** Fields that the prefix cache needs, from `preparePrefixCache`. */
  readonly cache: JsonObject;
}

/** A request's body and what it can be held to. */
export interface RequestBody {
  readonly body: JsonObject;
  /** The server is told to generate exactly `max_output` tokens. */
  readonly forced: boolean;
}

/** The path of a request. */
export const API_PATHS = { completions: "/v1/completions", chat: "/v1/chat/completions" } as const;

/**
 * The body of one streamed request: the prompt, its bounds, and whatever lets the server tell its tokens chunk by
 * chunk. Fields that a kind of server does not know are left out, since some refuse them.
 */
export function requestBody(prompt: RequestPrompt, wish: BodyWish): RequestBody {
  const kind = promptKind(wish.kind);
  const own: JsonObject = {
    model: wish.model,
    ...payloadFields(prompt),
    stream: true,
    stream_options: {
      include_usage: true,
      ...(kind.continuousUsage ? { continuous_usage_stats: true } : {}),
    },
    ...kind.perChunk,
    max_tokens: prompt.max_output,
    // Some servers obey only the one, some only the other.
    ...(wish.api === "chat" ? { max_completion_tokens: prompt.max_output } : {}),
    ...(prompt.exact_output && kind.ignoreEos ? { ignore_eos: true } : {}),
    ...(prompt.exact_output && kind.minTokens !== null ? { [kind.minTokens]: prompt.max_output } : {}),
    temperature: wish.temperature,
    ...kind.plainSampling,
    ...(wish.seed === null ? {} : { seed: wish.seed }),
    ...wish.cache,
  };
  const body = mergedWith(own, wish.user);
  return { body, forced: prompt.exact_output && isForced(body, prompt.max_output) };
}

/** The fields of `openai.body` that change or take out what a request has by itself, sorted: for the record. */
export function overridden(prompt: RequestPrompt, wish: BodyWish): string[] {
  const { body } = requestBody(prompt, { ...wish, user: {} });
  return Object.keys(wish.user).filter((name) =>
    body[name] !== undefined && JSON.stringify(body[name]) !== JSON.stringify(wish.user[name])
  ).sort();
}

function payloadFields({ payload }: RequestPrompt): JsonObject {
  if (payload.kind === "ids") return { prompt: payload.ids };
  if (payload.kind === "text") return { prompt: payload.text };
  return { messages: payload.messages.map(({ role, content }) => ({ role, content })) };
}

/** Objects are merged member by member, so that one stream option does not take out the others. */
function mergedWith(own: JsonObject, user: JsonObject): JsonObject {
  const merged: Record<string, Json | undefined> = { ...own };
  for (const [name, value] of Object.entries(user)) {
    const before = merged[name];
    if (value === null) delete merged[name];
    else if (isJsonObject(value) && isJsonObject(before)) merged[name] = mergedWith(before, value);
    else merged[name] = value;
  }
  return merged;
}

function isForced(body: JsonObject, wanted: number): boolean {
  const most = body["max_tokens"] ?? body["max_completion_tokens"];
  if (most !== wanted) return false;
  return body["ignore_eos"] === true || body["min_tokens"] === wanted || body["min_new_tokens"] === wanted;
}
