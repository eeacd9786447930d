import type { RequestPrompt } from "../prompts/payload.ts";
import type { PromptSource } from "../prompts/prompt_source.ts";
import { type BodyWish, requestBody } from "../prompts/request_body.ts";

/** A request that is ready to be sent. */
export interface ReadyRequest {
  readonly prompt: RequestPrompt;
  /** JSON, UTF-8. */
  readonly body: Uint8Array;
  /** The server is told to generate exactly as many tokens as asked. */
  readonly forced: boolean;
}

/** So many bytes of bodies wait to be sent at most. */
const MOST_WAITING_BYTES = 32 * 2 ** 20;
const MOST_WAITING = 4096;

/** The body of one prompt. */
export function readyRequest(prompt: RequestPrompt, wish: BodyWish): ReadyRequest {
  const { body, forced } = requestBody(prompt, wish);
  return { prompt, body: new TextEncoder().encode(JSON.stringify(body)), forced };
}

/**
 * The requests of a load, one after the other, passes without an end. Bodies are made ahead, so that making one delays no
 * other request's stamp when its time has come.
 */
export class Bodies {
  readonly #source: PromptSource;
  readonly #wish: BodyWish;
  readonly #count: number;
  readonly #ready = new Map<number, ReadyRequest>();
  #next = 0;
  #bytes = 0;

  /** `count`: requests in all; null is no end. */
  constructor(source: PromptSource, wish: BodyWish, count: number | null) {
    this.#source = source;
    this.#wish = wish;
    this.#count = count ?? Infinity;
    while (this.#canMake) this.#make();
  }

  /** The request with this index, which is asked for once. */
  take(index: number): ReadyRequest {
    const ready = this.#ready.get(index);
    if (ready === undefined) {
      this.#next = Math.max(this.#next, index + 1);
      return this.#of(index);
    }
    this.#ready.delete(index);
    this.#bytes -= ready.body.length;
    // After the send of the one that is taken.
    if (this.#next < this.#count) setTimeout(() => this.#canMake && this.#make(), 0);
    return ready;
  }

  get #canMake(): boolean {
    return this.#next < this.#count && this.#ready.size < MOST_WAITING && this.#bytes < MOST_WAITING_BYTES;
  }

  #make(): void {
    const ready = this.#of(this.#next);
    this.#ready.set(this.#next++, ready);
    this.#bytes += ready.body.length;
  }

  #of(index: number): ReadyRequest {
    const { count } = this.#source;
    return readyRequest(this.#source.at(index % count, Math.floor(index / count)), this.#wish);
  }
}
