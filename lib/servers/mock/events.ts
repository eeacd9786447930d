import type { GenerationRequest } from "./generation_request.ts";
import { asciiJson } from "./http_answer.ts";
import { tokenText } from "./tokens.ts";

/** What a chat says in a token: it thinks first, and calls a tool last. Completions only ever have content. */
type TokenKind = "reasoning" | "content" | "tool";

/** Counts of a request as its usage says them. */
export interface UsageCounts {
  readonly prompt: number;
  readonly cached: number;
  readonly completion: number;
}

/** The fields of an event behind its choices: usage, stamps. */
export type Extra = string;

/** Builds the JSON of one request's events; what they have in common is written once. */
export class EventWriter {
  readonly #request: GenerationRequest;
  readonly #head: string;

  constructor(request: GenerationRequest, readonly id: string, created_s: number) {
    this.#request = request;
    const kind = request.isStreamed ? ".chunk" : "";
    const object = request.api === "chat" ? `chat.completion${kind}` : "text_completion";
    this.#head = `{"id":"${id}","object":"${object}","created":${created_s},` +
      `"model":${asciiJson(request.model)},"choices":[`;
  }

  /** The chunk that says who speaks. */
  role(extra: Extra): string {
    return this.#event('"delta":{"role":"assistant","content":""}', null, [], extra);
  }

  /** Tokens `from` up to the one that begins the next chunk. */
  tokens(ids: readonly number[], from: number, finish: string | null, extra: Extra): string {
    const content = this.#request.api === "chat"
      ? `"delta":${this.#delta(ids, from)}`
      : `"text":"${ids.map(tokenText).join("")}"`;
    return this.#event(content, finish, ids, extra);
  }

  /** The chunk that says why it ends. */
  finish(extra: Extra): string {
    const content = this.#request.api === "chat" ? '"delta":{}' : '"text":""';
    return this.#event(content, this.#request.finish_reason, [], extra);
  }

  /** The chunk that says nothing but the usage. */
  usageAlone(extra: Extra): string {
    return `${this.#head}]${extra}}`;
  }

  /** The answer as a whole, where it is not streamed. */
  whole(ids: readonly number[], extra: Extra): string {
    const content = this.#request.api === "chat"
      ? `"message":{"role":"assistant",${this.#delta(ids, 0).slice(1)}`
      : `"text":"${ids.map(tokenText).join("")}"`;
    return this.#event(content, this.#request.finish_reason, ids, extra);
  }

  #event(content: string, finish: string | null, ids: readonly number[], extra: Extra): string {
    const reason = finish === null ? "null" : `"${finish}"`;
    const tokenIds = this.#request.hasTokenIds ? `,"token_ids":[${ids.join(",")}]` : "";
    return `${this.#head}{"index":0,${content},"logprobs":null,"finish_reason":${reason}${tokenIds}}]${extra}}`;
  }

  #kindOf(index: number): TokenKind {
    const { options: { reasoning_tokens, tool_tokens }, tokens } = this.#request;
    if (index < reasoning_tokens) return "reasoning";
    return index >= tokens - tool_tokens ? "tool" : "content";
  }

  #delta(ids: readonly number[], from: number): string {
    const texts = { reasoning: "", content: "", tool: "" };
    ids.forEach((id, offset) => {
      texts[this.#kindOf(from + offset)] += tokenText(id);
    });
    const { options, tokens } = this.#request;
    const parts: string[] = [];
    if (texts.reasoning !== "") parts.push(`"${options.reasoning_field}":"${texts.reasoning}"`);
    if (texts.content !== "") parts.push(`"content":"${texts.content}"`);
    if (texts.tool !== "") {
      const firstTool = Math.max(options.reasoning_tokens, tokens - options.tool_tokens);
      const isFirst = from <= firstTool;
      const named = isFirst ? '"id":"call_0","type":"function",' : "";
      const name = isFirst ? '"name":"mock",' : "";
      parts.push(`"tool_calls":[{"index":0,${named}"function":{${name}"arguments":"${texts.tool}"}}]`);
    }
    return `{${parts.join(",")}}`;
  }
}

/** The usage behind an event's choices. */
export function usageExtra({ prompt, cached, completion }: UsageCounts, reasoning: number): Extra {
  const thought = reasoning > 0
    ? `,"completion_tokens_details":{"reasoning_tokens":${Math.min(reasoning, completion)}}`
    : "";
  return `,"usage":{"prompt_tokens":${prompt},"completion_tokens":${completion},` +
    `"total_tokens":${prompt + completion},"prompt_tokens_details":{"cached_tokens":${cached}}${thought}}`;
}

/** Counts and times in the words of llama-server, behind an event's choices. */
export function timingsExtra({ prompt, cached, completion }: UsageCounts, ms: TimedMs): Extra {
  return `,"timings":{"cache_n":${cached},"prompt_n":${prompt - cached},"prompt_ms":${ms.prompt},` +
    `"predicted_n":${completion},"predicted_ms":${ms.predicted}}`;
}

/** Milliseconds of the prefill, and from the first token on. */
interface TimedMs {
  readonly prompt: number;
  readonly predicted: number;
}

/** The server's own stamp behind an event's choices. */
export function stampExtra(written_ns: bigint): Extra {
  return `,"mock":{"written_ns":"${written_ns}"}`;
}
