/** Follows one request from its last byte sent to its end: stamps, tokens, texts, and what went wrong. */
import {
  deriveTimes,
  type OutputTokensFrom,
  type RequestStamps,
} from "../../../../lib/protocol/request_times.ts";
import { type ChoiceDelta, type Chunk, readChunk, type ServerTimings } from "./chunk.ts";
import { ChunkReader } from "./chunk_reader.ts";
import { EventStream, MAX_EVENT_BYTES, type ServerEvent } from "./event_stream.ts";
import {
  brokenOff,
  endedEarly,
  eventTooLarge,
  gaveUp,
  notAStream,
  notReadable,
  pointsElsewhere,
} from "./messages.ts";
import type { InputTokensFrom, RequestError, RequestRecord } from "./request_record.ts";
import { bodyMessage, bounded, errorMessage, type Hide } from "./server_error.ts";
import { hashOfTexts, TextParts } from "./texts.ts";
import { TokenTally } from "./token_tally.ts";

/** What a trace is told of its request. */
export interface TracedRequest {
  readonly index: number;
  /** When it is due, ns on CLOCK_MONOTONIC; null in a closed loop. */
  readonly tSchedNs: bigint | null;
  /** How many tokens its prompt was made to have; null where nobody counted. */
  readonly askedInputTokens: number | null;
  /** Hides the key in what a server says. */
  readonly hide?: Hide;
}

/** How the exchange ended, as the HTTP client says. */
export type TraceEnd =
  & ({ readonly kind: "whole" } | {
    readonly kind: "failed";
    /** `connect`, `reset`, `timeout`, `tls`, `protocol`, `too_large`, `aborted`. */
    readonly type: string;
    readonly message: string;
  })
  & { readonly reused: boolean; readonly retried: boolean; readonly connect_ms: number | null };

/** Longest body of a failed request that is looked at. */
const MAX_ERROR_BODY_BYTES = 64 * 1024;
/** What a server gives as finish reason where it failed. */
const GIVEN_UP: ReadonlySet<string> = new Set(["error", "abort"]);
const TERMINATOR = "[DONE]";
/** Failures by which a connection ends early. */
const BREAKS_OFF: ReadonlySet<string> = new Set(["reset", "protocol"]);

/** The sink of one exchange. Call `sent`, `head`, `body` as they happen, then `end` once. */
export class RequestTrace {
  readonly #request: TracedRequest;
  readonly #hide: Hide;
  readonly #tally = new TokenTally();
  readonly #texts = new TextParts();
  readonly #finish = new Map<number, string>();
  readonly #chunkAtNs: number[] = [];
  readonly #chunkTokens: (number | null)[] = [];
  #sendNs: bigint | null = null;
  #headersNs: bigint | null = null;
  #firstEventNs: bigint | null = null;
  #firstTokenNs: bigint | null = null;
  #firstOutputNs: bigint | null = null;
  #lastTokenNs: bigint | null = null;
  /** Of the read that is looked at. */
  #readNs = 0n;
  /** Of the latest read that brought bytes. */
  #lastReadNs: bigint | null = null;
  #terminatedNs: bigint | null = null;
  #status: number | null = null;
  #location: string | null = null;
  #reads = 0;
  #events = 0;
  #stream: EventStream | null = null;
  readonly #chunks = new ChunkReader();
  #plainBody: Uint8Array[] | null = null;
  #plainBytes = 0;
  #timings: ServerTimings | null = null;
  #promptTokenIds: number | null = null;
  /** The body is over; what the stream still gives is what stood without its blank line. */
  #isEnding = false;
  #error: RequestError | null = null;
  #message: string | null = null;

  constructor(request: TracedRequest) {
    this.#request = request;
    this.#hide = request.hide ?? ((text) => text);
  }

  /** The request's last byte is with the kernel; a second time where it is sent again on a new connection. */
  sent(tNs: bigint): void {
    // A server may answer before it has all of a request: no time is negative for that.
    this.#sendNs = this.#headersNs ?? tNs;
  }

  head(status: number, headers: ReadonlyMap<string, string> | null, tNs: bigint): void {
    this.#status = status;
    this.#location = headers?.get("location") ?? null;
    this.#headersNs = tNs;
    this.#sendNs ??= tNs;
  }

  /** The next bytes of the body, without chunked framing; they may be reused afterwards. */
  body(bytes: Uint8Array, tNs: bigint): void {
    if (bytes.length === 0) return;
    this.#reads += 1;
    this.#readNs = tNs;
    this.#lastReadNs = tNs;
    if (this.#stream !== null) return this.#push(bytes);
    if (this.#plainBody === null && isSuccess(this.#status) && !isPlainBody(bytes)) {
      this.#stream = new EventStream((event) => this.#onEvent(event));
      return this.#push(bytes);
    }
    this.#plainBody ??= [];
    const room = MAX_ERROR_BODY_BYTES - this.#plainBytes;
    if (room <= 0) return;
    const kept = bytes.slice(0, room);
    this.#plainBody.push(kept);
    this.#plainBytes += kept.length;
  }

  /** The answer is complete by its own word; the connection may still say more. */
  get isTerminated(): boolean {
    return this.#terminatedNs !== null;
  }

  /** The exchange is over at `tNs`. */
  end(end: TraceEnd, tNs: bigint): RequestRecord {
    this.#isEnding = true;
    this.#stream?.end();
    this.#judge(end);
    const stamps = this.#stamps(tNs);
    const { usage, chunkTokensFrom, counts } = this.#tally;
    // A server times one of several choices.
    const timings = this.#tally.choices < 2 ? this.#timings : null;
    const outputs = this.#texts.outputs;
    const reasonings = this.#texts.reasonings;
    return {
      index: this.#request.index,
      ...this.#inputTokens(),
      asked_input_tokens: this.#request.askedInputTokens,
      output_counts: counts,
      reasoning_tokens: usage?.reasoningTokens ?? null,
      cached_tokens: usage?.cachedTokens ?? timings?.cachedTokens ?? null,
      chunks: counts.chunks,
      chunk_tokens_from: chunkTokensFrom,
      http_status: this.#status,
      finish_reason: this.#finish.get(0) ?? this.#finish.values().next().value ?? null,
      error_message: this.#message,
      server: timings === null ? null : {
        queue_ms: timings.queueMs,
        prefill_ms: timings.prefillMs,
        decode_ms: timings.decodeMs,
      },
      reads: this.#reads,
      reused: end.reused,
      retried: end.retried,
      connect_ms: end.connect_ms,
      output_texts: outputs,
      reasoning_texts: reasonings,
      output_sha256: hashOfTexts(outputs, reasonings),
      ...stamps,
      ...deriveTimes(stamps),
    };
  }

  #push(bytes: Uint8Array): void {
    this.#stream?.push(bytes);
    if (this.#stream?.isTooLarge === true) {
      this.#fail("too_large", eventTooLarge(MAX_EVENT_BYTES / 1024 ** 2));
    }
  }

  #onEvent({ data, name }: ServerEvent): void {
    if (this.#terminatedNs !== null || this.#error !== null) return;
    this.#events += 1;
    this.#firstEventNs ??= this.#readNs;
    if (data.trim() === TERMINATOR) {
      this.#terminatedNs = this.#readNs;
      return;
    }
    const chunk = this.#chunks.read(data);
    if (name === "error" || (chunk !== null && chunk.error !== null)) {
      const error = chunk?.error ?? { message: data, type: null, code: null };
      this.#fail("server_error", errorMessage(error, this.#hide));
    } else if (chunk === null) {
      this.#onUnreadable(data);
    } else {
      this.#onChunk(chunk);
    }
  }

  #onChunk(chunk: Chunk): void {
    this.#timings = chunk.timings ?? this.#timings;
    this.#promptTokenIds ??= chunk.promptTokenIds;
    for (const choice of chunk.choices) this.#onChoice(choice);
    const event = this.#tally.add(chunk);
    if (event === null) return;
    this.#firstTokenNs ??= this.#readNs;
    if (event.isOutput) this.#firstOutputNs ??= this.#readNs;
    this.#lastTokenNs = this.#readNs;
    this.#chunkAtNs.push(Number(this.#readNs - (this.#sendNs ?? this.#readNs)));
    this.#chunkTokens.push(event.tokens);
  }

  #onChoice(choice: ChoiceDelta): void {
    this.#texts.add(choice);
    if (choice.finishReason === null || this.#finish.has(choice.index)) return;
    this.#finish.set(choice.index, choice.finishReason);
    if (GIVEN_UP.has(choice.finishReason)) {
      this.#fail("gave_up", bounded(gaveUp(choice.finishReason), this.#hide));
    }
  }

  #onUnreadable(data: string): void {
    // The rest of an event that the end of the body cut is no event.
    if (this.#isEnding) return;
    this.#fail("bad_event", bounded(notReadable(data), this.#hide));
  }

  /** What the end of the exchange means. The first cause stands: an error in the stream is not renamed by how it ends. */
  #judge(end: TraceEnd): void {
    if (this.#error !== null || this.#terminatedNs !== null) return;
    if (this.#status !== null && !isSuccess(this.#status)) {
      const said = this.#location === null
        ? bodyMessage(this.#status, this.#plainText(), this.#hide)
        : bounded(pointsElsewhere(this.#status, this.#location), this.#hide);
      return this.#fail(`http_${this.#status}`, said);
    }
    if (this.#plainBody !== null && this.#hasPlainError(this.#plainText())) return;
    if (end.kind === "failed") return this.#judgeFailure(end.type, end.message);
    if (this.#plainBody !== null) {
      return this.#fail("not_a_stream", bounded(notAStream(this.#plainText()), this.#hide));
    }
    if (!this.#isFinished) this.#fail("truncated", endedEarly(this.#events));
  }

  /** A connection that breaks off after the last token and before [DONE] loses nothing of the answer. */
  #judgeFailure(type: string, message: string): void {
    const isBroken = BREAKS_OFF.has(type) && this.#events > 0;
    if (isBroken && this.#isFinished) return;
    const cut = isBroken && type === "reset";
    this.#fail(cut ? "truncated" : type, bounded(cut ? brokenOff(message) : message, this.#hide));
  }

  /** Every choice has its finish reason. */
  get #isFinished(): boolean {
    return this.#finish.size > 0 && this.#finish.size >= this.#tally.choices;
  }

  /** A JSON error where a stream was due. */
  #hasPlainError(text: string): boolean {
    const error = readChunk(text)?.error ?? null;
    if (error !== null) this.#fail("server_error", errorMessage(error, this.#hide));
    return error !== null;
  }

  #fail(error: RequestError, message: string): void {
    this.#error ??= error;
    this.#message ??= message;
  }

  #plainText(): string {
    const bytes = new Uint8Array(this.#plainBytes);
    let at = 0;
    for (const part of this.#plainBody ?? []) {
      bytes.set(part, at);
      at += part.length;
    }
    return new TextDecoder().decode(bytes);
  }

  #stamps(tNs: bigint): RequestStamps {
    const completedNs = this.#error === null ? this.#terminatedNs ?? this.#lastReadNs : null;
    return {
      t_sched_ns: this.#request.tSchedNs,
      t_send_ns: this.#sendNs,
      t_headers_ns: this.#headersNs,
      t_first_event_ns: this.#firstEventNs,
      t_first_token_ns: this.#firstTokenNs,
      t_first_output_ns: this.#firstOutputNs,
      t_last_token_ns: this.#lastTokenNs,
      // The read that completed the answer: what the connection does afterwards is not part of it.
      t_done_ns: completedNs ?? tNs,
      chunk_at_ns: this.#chunkAtNs,
      chunk_tokens: this.#chunkTokens.some((tokens) => tokens !== null) ? this.#chunkTokens : null,
      ...this.#outputTokens(),
      n_choices: this.#tally.choices,
      error: this.#error,
    };
  }

  #outputTokens(): { output_tokens: number; output_tokens_from: OutputTokensFrom } {
    const { chunks, ...counts } = this.#tally.counts;
    for (const source of ["usage", "token_ids", "timings"] as const) {
      const tokens = counts[source];
      // A nought that stands there all along, while tokens come, is no count.
      if (tokens !== null && (tokens > 0 || chunks === 0)) {
        return { output_tokens: tokens, output_tokens_from: source };
      }
    }
    return { output_tokens: chunks, output_tokens_from: "chunks" };
  }

  #inputTokens(): { input_tokens: number | null; input_tokens_from: InputTokensFrom | null } {
    const told: readonly (readonly [InputTokensFrom, number | null])[] = [
      ["usage", this.#tally.usage?.inputTokens ?? null],
      ["prompt_token_ids", this.#promptTokenIds],
      ["timings", this.#timings?.inputTokens ?? null],
      ["asked", this.#request.askedInputTokens],
    ];
    // No prompt is empty: a nought is no count either.
    const [from, tokens] = told.find(([, count]) => count !== null && count > 0) ?? [null, null];
    return { input_tokens: tokens, input_tokens_from: from };
  }
}

function isSuccess(status: number | null): boolean {
  return status !== null && status >= 200 && status < 300;
}

const SPACES: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0d, 0x20]);

/** A body of JSON or HTML: no stream of events starts with a brace or an angle bracket. */
function isPlainBody(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => !SPACES.has(byte));
  return first === 0x7b || first === 0x5b || first === 0x3c;
}
