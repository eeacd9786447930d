import { monotonicMs } from "../../base/clock.ts";
import type { Connection } from "./connection.ts";
import type { Counters } from "./counters.ts";
import { Generation, type GenerationOwner, type Place } from "./generation.ts";
import type { GenerationRequest } from "./generation_request.ts";
import { PrefixCache } from "./prefix_cache.ts";
import type { TruthRecord } from "./truth.ts";
import { Wheel } from "./wheel.ts";

/** What the engine is made with. */
export interface EngineParts {
  /** Requests that are served at a time; the rest waits in order of arrival. 0 for no bound. */
  readonly slots: number;
  readonly hasPrefixCache: boolean;
  readonly wheel: Wheel;
  readonly ended: (record: TruthRecord) => void;
}

/** Gives requests their slots and their prompts' cached tokens, and counts. */
export class Engine implements GenerationOwner {
  readonly cache = new PrefixCache();
  readonly #parts: EngineParts;
  readonly #running = new Map<Connection, Generation>();
  readonly #waiting = new Map<Connection, Generation>();
  readonly #totals = {
    prompt_tokens: 0,
    generation_tokens: 0,
    requests: 0,
    prompt_seconds: 0,
    generation_seconds: 0,
    ttft_seconds: 0,
    ttft_count: 0,
    queue_seconds: 0,
    queue_count: 0,
  };

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  submit(request: GenerationRequest, place: Place): void {
    this.#waiting.set(place.connection, new Generation(request, place, this));
    this.#fill();
  }

  /** Frees what a client that is gone has held. */
  leave(connection: Connection): void {
    (this.#running.get(connection) ?? this.#waiting.get(connection))?.abandon();
  }

  wait(generation: Generation): void {
    this.#parts.wheel.add(generation);
  }

  generated(count: number): void {
    this.#totals.generation_tokens += count;
  }

  ended(generation: Generation): void {
    const { connection } = generation;
    this.#running.delete(connection);
    this.#waiting.delete(connection);
    const waited = generation.waited_s;
    const totals = this.#totals;
    if (waited !== null) {
      totals.requests += 1;
      totals.queue_seconds += waited.queue;
      totals.queue_count += 1;
      totals.prompt_seconds += waited.prefill;
      totals.generation_seconds += waited.decode;
      totals.ttft_seconds += waited.queue + waited.prefill;
      totals.ttft_count += 1;
    }
    this.#parts.ended(generation.truth());
    this.#fill();
  }

  counters(): Counters {
    return {
      ...this.#totals,
      running: this.#running.size,
      waiting: this.#waiting.size,
      cache_usage: this.cache.usage,
      cache_queries: this.cache.queries,
      cache_hits: this.cache.hits,
    };
  }

  #fill(): void {
    const { slots, hasPrefixCache } = this.#parts;
    for (const [connection, generation] of this.#waiting) {
      if (slots > 0 && this.#running.size >= slots) return;
      this.#waiting.delete(connection);
      this.#running.set(connection, generation);
      const { prompt } = generation.request;
      this.#totals.prompt_tokens += prompt.length;
      generation.start(monotonicMs(), hasPrefixCache ? this.cache.look(prompt) : 0);
    }
  }
}
