import { isJsonObject, type Json, type JsonObject } from "../../base/json.ts";
import { bodyIsNoObject, noPrompt } from "./messages.ts";
import { type MockOptions, requestOptions } from "./options.ts";
import { tokenize } from "./tokens.ts";

/** The two ways to ask for tokens. */
export type MockApi = "chat" | "completions";

/** A request for tokens, understood. */
export interface GenerationRequest {
  readonly api: MockApi;
  readonly model: string;
  readonly isStreamed: boolean;
  /** Ids of the prompt, those of a chat's template included. */
  readonly prompt: readonly number[];
  /** How many tokens will be generated, and why it ends there. */
  readonly tokens: number;
  readonly finish_reason: "length" | "stop" | "tool_calls";
  readonly usage: "chunk" | "finish" | "continuous" | "none";
  readonly hasTokenIds: boolean;
  readonly options: MockOptions;
}

/** What a server generates that is told no limit. */
const USUAL_TOKENS = 16;
/** What it generates where it ignores every limit. */
const MOST_TOKENS = 4096;

/** Reads the body of a request. Throws a TypeError that says what is wrong with it. */
export function readGeneration(api: MockApi, body: Json, server: MockOptions): GenerationRequest {
  if (!isJsonObject(body)) throw new TypeError(bodyIsNoObject());
  const options = requestOptions(server, body.mock);
  const isStreamed = body.stream === true;
  const { tokens, isCut } = lengthOf(body, options);
  return {
    api,
    model: typeof body.model === "string" ? body.model : options.model,
    isStreamed,
    prompt: promptOf(api, body, options),
    tokens,
    finish_reason: options.tool_tokens > 0 ? "tool_calls" : isCut ? "length" : "stop",
    usage: usageOf(body, options),
    hasTokenIds: options.token_ids === "always" ||
      options.token_ids === "asked" && body.return_token_ids === true,
    options,
  };
}

function promptOf(api: MockApi, body: JsonObject, { vocab, template_tokens }: MockOptions): number[] {
  if (api === "completions") {
    const { prompt } = body;
    if (typeof prompt === "string") return tokenize(prompt, vocab);
    if (isIds(prompt)) return [...prompt];
    throw new TypeError(noPrompt("prompt"));
  }
  const { messages } = body;
  if (!Array.isArray(messages) || messages.length === 0) throw new TypeError(noPrompt("messages"));
  const template = Array.from({ length: template_tokens }, (_, index) => index);
  return [...template, ...messages.flatMap((message) => tokenize(messageText(message), vocab))];
}

function messageText(message: unknown): string {
  const content = isJsonObject(message) ? message.content : undefined;
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => isJsonObject(part) && typeof part.text === "string" ? part.text : "").join(
    " ",
  );
}

function isIds(value: Json | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every((id) => Number.isInteger(id));
}

/** A limit cuts; an own end that comes at the limit or before it does not. */
function lengthOf(body: JsonObject, options: MockOptions): { tokens: number; isCut: boolean } {
  const limits = (["max_tokens", "max_completion_tokens"] as const).filter((name) => options[name] === "obey")
    .map((name) => numberOf(body[name])).filter((limit) => limit !== null);
  const least = options.min_tokens === "obey" ? numberOf(body.min_tokens) ?? 0 : 0;
  const isEndless = options.natural_tokens === null ||
    options.ignore_eos === "obey" && body.ignore_eos === true;
  const natural = isEndless ? Infinity : Math.max(options.natural_tokens ?? 0, least);
  const wasAsked = numberOf(body.max_tokens) !== null || numberOf(body.max_completion_tokens) !== null;
  const limit = limits.length > 0
    ? limits.reduce((least, limit) => Math.min(least, limit))
    : wasAsked || !isEndless
    ? MOST_TOKENS
    : USUAL_TOKENS;
  return { tokens: Math.max(1, Math.min(limit, natural)), isCut: limit < natural };
}

function numberOf(value: Json | undefined): number | null {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : null;
}

function usageOf(body: JsonObject, { usage }: MockOptions): GenerationRequest["usage"] {
  if (usage !== "asked") return usage;
  const asked = isJsonObject(body.stream_options) ? body.stream_options : {};
  if (asked.continuous_usage_stats === true) return "continuous";
  return asked.include_usage === true ? "chunk" : "none";
}
