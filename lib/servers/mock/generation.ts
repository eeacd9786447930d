import { stampAt, stampNs } from "../../base/stamp.ts";
import type { Connection } from "./connection.ts";
import { EventWriter, stampExtra, timingsExtra, usageExtra } from "./events.ts";
import type { GenerationRequest } from "./generation_request.ts";
import { errorBody, httpChunk, LAST_CHUNK, streamHead, wholeAnswer } from "./http_answer.ts";
import { generationFailed } from "./messages.ts";
import { generatedId, seedOf } from "./tokens.ts";
import type { TruthEnd, TruthRecord } from "./truth.ts";
import type { Due } from "./wheel.ts";

/** What a generation tells the engine that runs it. */
export interface GenerationOwner {
  /** Calls `fire` when it is due. */
  wait(generation: Generation): void;
  /** Tokens that have just been written. */
  generated(count: number, generation: Generation): void;
  /** It takes no slot any more; told once. */
  ended(generation: Generation): void;
}

/** Where a request came in, and whether its connection is kept afterwards. */
export interface Place {
  readonly id: string;
  readonly connection: Connection;
  readonly isKept: boolean;
  readonly arrived_ns: bigint;
}

/** One request's tokens: due at fixed times from the moment it gets its slot, whatever the lateness of those before. */
export class Generation implements Due {
  due_ms = 0;
  readonly request: GenerationRequest;
  readonly connection: Connection;
  readonly #owner: GenerationOwner;
  readonly #events: EventWriter;
  readonly #isKept: boolean;
  readonly #seed: number;
  #chunk = 0;
  #tokens = 0;
  #cached = 0;
  #isOver = false;
  #started_ns: bigint | null = null;
  #headers_ns: bigint | null = null;
  #first_write_ns: bigint | null = null;
  #last_write_ns: bigint | null = null;
  readonly #arrived_ns: bigint;
  #late_ms = 0;
  #queued_writes = 0;
  #end: TruthEnd = "client_left";

  constructor(
    request: GenerationRequest,
    { id, connection, isKept, arrived_ns }: Place,
    owner: GenerationOwner,
  ) {
    this.request = request;
    this.connection = connection;
    this.#owner = owner;
    this.#isKept = isKept;
    this.#arrived_ns = arrived_ns;
    this.#seed = seedOf(request.prompt);
    this.#events = new EventWriter(request, id, Math.floor(Date.now() / 1000));
  }

  /** Takes its slot now: the head is written, and the first chunk falls due after the prefill. */
  start(now_ms: number, cached: number): void {
    const { options, prompt, isStreamed } = this.request;
    this.#cached = cached;
    this.#started_ns = stampAt(now_ms);
    this.due_ms = now_ms + options.ttft_ms + options.prefill_us_per_token * (prompt.length - cached) / 1000;
    if (!isStreamed) {
      this.due_ms += (this.#chunks - 1) * options.tick_ms;
      return this.#owner.wait(this);
    }
    this.#headers_ns = this.#started_ns;
    let text = streamHead({ isKept: this.#isKept });
    if (this.request.api === "chat" && options.role_chunk === "early") {
      text += this.#framed(this.#events.role(this.#extra(this.#started_ns)));
    }
    this.connection.send(text, options.split_at);
    this.#owner.wait(this);
  }

  fire(): void {
    if (this.#isOver) return;
    const { options, isStreamed } = this.request;
    const at = isStreamed ? this.#chunk : this.#chunks;
    const isDue = (after: number | null): boolean => after !== null && after <= at;
    if (isDue(options.cut_after)) return this.#cut();
    if (isDue(options.stall_after)) {
      this.#end = "stalled";
      return;
    }
    if (isDue(options.error_after)) return this.#fail();
    if (isStreamed) this.#writeChunk();
    else this.#writeWhole();
  }

  /** The client is gone, or the server ends. */
  abandon(): void {
    this.#close();
  }

  /** Seconds between the moments that it has lived through; null where one of them is yet to come. */
  get waited_s(): { readonly queue: number; readonly prefill: number; readonly decode: number } | null {
    const [arrived, started] = [this.#arrived_ns, this.#started_ns];
    const [first, last] = [this.#first_write_ns, this.#last_write_ns];
    if (started === null || first === null || last === null) return null;
    const seconds = (from: bigint, to: bigint): number => Number(to - from) / 1e9;
    return {
      queue: seconds(arrived, started),
      prefill: seconds(started, first),
      decode: seconds(first, last),
    };
  }

  /** What really happened, once it is over. */
  truth(): TruthRecord {
    const { request } = this;
    return {
      id: this.#events.id,
      connection: this.connection.number,
      status: 200,
      end: this.#end,
      arrived_ns: this.#arrived_ns,
      started_ns: this.#started_ns,
      headers_ns: this.#headers_ns,
      first_write_ns: this.#first_write_ns,
      last_write_ns: this.#last_write_ns,
      ended_ns: stampNs(),
      input_tokens: request.prompt.length,
      cached_tokens: this.#cached,
      output_tokens: this.#tokens,
      chunks: this.#chunk,
      late_ms: Math.round(this.#late_ms * 1000) / 1000,
      queued_writes: this.#queued_writes,
    };
  }

  get #chunks(): number {
    return Math.ceil(this.request.tokens / this.request.options.tokens_per_chunk);
  }

  #writeChunk(): void {
    const { request: { api, options, tokens, finish_reason, usage }, connection } = this;
    const from = this.#tokens;
    const ids = this.#ids(from, Math.min(tokens, from + options.tokens_per_chunk));
    const isLast = from + ids.length === tokens;
    const written_ns = this.#stamp();
    let text = "";
    if (this.#chunk === 0 && api === "chat" && options.role_chunk === "first") {
      text += this.#framed(this.#events.role(this.#extra(written_ns)));
    }
    const every = options.comment_every;
    if (every > 0 && (this.#chunk + 1) % every === 0) text += this.#frame(": ping");
    this.#tokens += ids.length;
    const finish = isLast && options.finish === "last" ? finish_reason : null;
    const extra = this.#extra(written_ns, finish !== null && usage === "finish", finish !== null);
    text += this.#framed(this.#events.tokens(ids, from, finish, extra));
    this.#first_write_ns ??= written_ns;
    this.#last_write_ns = written_ns;
    this.#chunk += 1;
    this.#owner.generated(ids.length, this);
    if (!isLast) {
      if (!connection.send(text, options.split_at)) this.#queued_writes += 1;
      this.due_ms += options.tick_ms;
      return this.#owner.wait(this);
    }
    if (options.finish === "own") {
      text += this.#framed(this.#events.finish(this.#extra(written_ns, usage === "finish", true)));
    }
    if (usage === "chunk" || usage === "continuous") {
      text += this.#framed(this.#events.usageAlone(this.#extra(written_ns, true, true)));
    }
    if (!connection.send(`${text}${this.#done}${LAST_CHUNK}`, options.split_at)) this.#queued_writes += 1;
    this.#whole();
  }

  /** The moment of a write, by which its lateness is judged. */
  #stamp(): bigint {
    const now_ms = performance.now();
    this.#late_ms = Math.max(this.#late_ms, now_ms - this.due_ms);
    return stampAt(now_ms);
  }

  #writeWhole(): void {
    const { request: { options, tokens } } = this;
    const written_ns = this.#stamp();
    this.#headers_ns = this.#first_write_ns = this.#last_write_ns = written_ns;
    this.#tokens = tokens;
    this.#chunk = 1;
    this.#owner.generated(tokens, this);
    const extra = this.#extra(written_ns, options.usage !== "none", true);
    const body = this.#events.whole(this.#ids(0, tokens), extra);
    this.connection.send(
      wholeAnswer(200, "application/json", body, { isKept: this.#isKept }),
      options.split_at,
    );
    this.#whole();
  }

  /** An error where the stream has begun and its status cannot say so. */
  #fail(): void {
    const { isStreamed, options } = this.request;
    const body = errorBody(500, generationFailed());
    if (isStreamed) {
      const lead = options.error_form === "event" ? `event: error${this.#newline}` : "";
      this.connection.send(`${this.#frame(`${lead}data: ${body}`)}${this.#done}${LAST_CHUNK}`);
    } else {
      this.connection.send(wholeAnswer(500, "application/json", body, { isKept: this.#isKept }));
    }
    this.#end = "error";
    this.#close();
    this.connection.finish(this.#isKept);
  }

  #whole(): void {
    this.#end = "whole";
    this.#close();
    this.connection.finish(this.#isKept);
  }

  #cut(): void {
    this.#end = "cut";
    this.#close();
    this.connection.close(this.request.options.cut_form);
  }

  #close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#owner.ended(this);
  }

  #ids(from: number, to: number): number[] {
    const { vocab } = this.request.options;
    return Array.from({ length: to - from }, (_, offset) => generatedId(this.#seed, from + offset, vocab));
  }

  /** What an event says behind its choices; `isEnd` for those that say how it ended. */
  #extra(written_ns: bigint, hasUsage = false, isEnd = false): string {
    const { options, prompt, usage } = this.request;
    const counts = { prompt: prompt.length, cached: this.#cached, completion: this.#tokens };
    let extra = "";
    if (hasUsage || usage === "continuous") extra += usageExtra(counts, options.reasoning_tokens);
    if (options.timings === "every" || options.timings === "last" && isEnd) {
      extra += timingsExtra(counts, {
        prompt: msBetween(this.#started_ns, this.#first_write_ns ?? written_ns),
        predicted: msBetween(this.#first_write_ns, written_ns),
      });
    }
    return options.stamps ? extra + stampExtra(written_ns) : extra;
  }

  get #newline(): string {
    return this.request.options.newline === "crlf" ? "\r\n" : "\n";
  }

  get #done(): string {
    return this.request.options.done ? this.#frame("data: [DONE]") : "";
  }

  #framed(json: string): string {
    return this.#frame(`data: ${json}`);
  }

  #frame(event: string): string {
    return httpChunk(`${event}${this.#newline}${this.#newline}`);
  }
}

function msBetween(from_ns: bigint | null, to_ns: bigint): number {
  return from_ns === null ? 0 : Math.round(Number(to_ns - from_ns) / 1e3) / 1e3;
}
