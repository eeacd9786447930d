/**
 * What one chunk of a streamed answer says, whichever server wrote it: chat and text completions of vLLM, SGLang,
 * TensorRT-LLM, llama-server, TGI, LMDeploy, Ollama. Nothing here throws: a field that is missing, new or of another type
 * says nothing.
 */
import { isJsonObject, type JsonObject, wholeNumber } from "../../../../lib/base/json.ts";
import { saidBy, type ServerError } from "./server_error.ts";

/** What one choice gained. */
export interface ChoiceDelta {
  readonly index: number;
  /** What the user reads. */
  readonly text: string;
  /** What a reasoning model thinks before it. */
  readonly reasoning: string;
  /** Names and arguments of tool calls. */
  readonly toolCall: string;
  /** New token ids; null where the server tells none. */
  readonly tokenIds: number | null;
  readonly finishReason: string | null;
  /** It names who speaks, as the first chunk of a chat does before there is any token. */
  readonly hasRole: boolean;
}

/** Counts of the whole request so far (continuous) or at its end. */
export interface Usage {
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cachedTokens: number | null;
  readonly reasoningTokens: number | null;
}

/** What the server measured itself. */
export interface ServerTimings {
  readonly inputTokens: number | null;
  readonly cachedTokens: number | null;
  /** Tokens generated so far (`timings_per_token` of llama-server). */
  readonly outputTokens: number | null;
  readonly queueMs: number | null;
  readonly prefillMs: number | null;
  readonly decodeMs: number | null;
}

export interface Chunk {
  /** Empty in a chunk that holds usage only. */
  readonly choices: readonly ChoiceDelta[];
  readonly usage: Usage | null;
  readonly timings: ServerTimings | null;
  /** Token ids of the prompt (`return_token_ids`), counted. */
  readonly promptTokenIds: number | null;
  readonly error: ServerError | null;
}

/** Reads the data of one event; null where it is no JSON object. */
export function readChunk(data: string): Chunk | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(data);
  } catch {
    return null;
  }
  if (!isJsonObject(parsed)) return null;
  const choices = Array.isArray(parsed["choices"]) ? parsed["choices"].filter(isJsonObject) : [];
  const [first] = choices;
  return {
    choices: choices.map(choiceDelta),
    usage: usageOf(parsed["usage"]),
    timings: timingsOf(parsed),
    promptTokenIds: lengthOf(parsed["prompt_token_ids"] ?? first?.["prompt_token_ids"]),
    error: saidBy(parsed),
  };
}

function choiceDelta(choice: JsonObject): ChoiceDelta {
  const delta = objectOf(choice["delta"] ?? choice["message"]);
  const { text, index, finish_reason: finish } = choice;
  return {
    index: typeof index === "number" ? index : 0,
    text: typeof text === "string" ? text : textOf(delta["content"]) || textOf(delta["refusal"]),
    reasoning: textOf(delta["reasoning_content"]) || textOf(delta["reasoning"]),
    toolCall: toolCallOf(delta),
    tokenIds: lengthOf(
      choice["token_ids"] ?? choice["response_token_ids"] ?? delta["token_ids"],
    ),
    finishReason: typeof finish === "string" && finish !== "" ? finish : null,
    hasRole: typeof delta["role"] === "string",
  };
}

/** A text, or the texts of a list of parts, as some servers send content: no deeper than that, however deep it goes. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return "";
  return value.map((part) => isJsonObject(part) ? plainText(part["text"]) : "").join("");
}

function plainText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function toolCallOf(delta: JsonObject): string {
  const calls = Array.isArray(delta["tool_calls"]) ? delta["tool_calls"] : [];
  const functions = calls.map((call) => isJsonObject(call) ? call["function"] : null);
  return [...functions, delta["function_call"]].map((called) => {
    const { name, arguments: values } = objectOf(called);
    return textOf(name) + textOf(values);
  }).join("");
}

function usageOf(value: unknown): Usage | null {
  if (!isJsonObject(value)) return null;
  const { prompt_tokens, completion_tokens, prompt_tokens_details, completion_tokens_details } = value;
  return {
    inputTokens: countOf(prompt_tokens),
    outputTokens: countOf(completion_tokens),
    cachedTokens: countOf(objectOf(prompt_tokens_details)["cached_tokens"]),
    reasoningTokens: countOf(
      objectOf(completion_tokens_details)["reasoning_tokens"] ?? value["reasoning_tokens"],
    ),
  };
}

/**
 * `timings` of llama-server, or `metrics` of vLLM (`--enable-per-request-metrics`). The timings of a chunk that tells how
 * far the prompt is are those of the task before.
 */
function timingsOf(chunk: JsonObject): ServerTimings | null {
  const { timings, metrics } = chunk;
  if (isJsonObject(timings) && !isJsonObject(chunk["prompt_progress"])) {
    const cached = countOf(timings["cache_n"]);
    const computed = countOf(timings["prompt_n"]);
    return {
      inputTokens: computed === null || cached === null ? null : computed + cached,
      cachedTokens: cached,
      outputTokens: countOf(timings["predicted_n"]),
      queueMs: null,
      prefillMs: timeOf(timings["prompt_ms"]),
      decodeMs: timeOf(timings["predicted_ms"]),
    };
  }
  if (!isJsonObject(metrics)) return null;
  const queueMs = timeOf(metrics["queue_time_ms"]);
  const decodeMs = timeOf(metrics["generation_time_ms"]);
  if (queueMs === null && decodeMs === null) return null;
  return { ...NO_COUNTS, queueMs, prefillMs: null, decodeMs };
}

const NO_COUNTS = { inputTokens: null, cachedTokens: null, outputTokens: null } as const;

function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

function lengthOf(value: unknown): number | null {
  return Array.isArray(value) ? value.length : null;
}

/** No answer has so many tokens; the sum over all requests of a run stays a whole number. */
const MOST_TOKENS = 1e9;

function countOf(value: unknown): number | null {
  const count = wholeNumber(value);
  return count !== null && count <= MOST_TOKENS ? count : null;
}

function timeOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}
