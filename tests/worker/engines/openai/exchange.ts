/** An answer as a server would write it, with the stamps that the client would give it: what is true is known. */
import type { RequestRecord } from "../../../../worker/engines/openai/stream/request_record.ts";
import { RequestTrace, type TraceEnd } from "../../../../worker/engines/openai/stream/request_trace.ts";

const NS_PER_MS = 1_000_000n;
/** Beyond 2^53, so that stamps are texts in JSON. */
export const SENT_NS = 2n ** 60n;

export function atMs(ms: number): bigint {
  return SENT_NS + BigInt(Math.round(ms * 1e6));
}

export const WHOLE: TraceEnd = { kind: "whole", reused: false, retried: false, connect_ms: 0.2 };

export function failedEnd(type: string, message: string): TraceEnd {
  return { kind: "failed", type, message, reused: true, retried: false, connect_ms: null };
}

export function event(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

export const DONE = "data: [DONE]\n\n";

/** A chunk of a chat with one choice. */
export function chat(
  delta: unknown,
  more: Record<string, unknown> = {},
  finish: string | null = null,
): string {
  return event({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, finish_reason: finish, ...(more["choice"] as object | undefined) }],
    ...(more["chunk"] as object | undefined),
  });
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Reads of the body: when each came, ms after the request was sent, and what it held. */
  readonly reads: readonly (readonly [number, string | Uint8Array])[];
  readonly end?: TraceEnd;
  readonly endMs?: number;
  /** When it was due, ms after it was sent (negative: before); null in a closed loop. */
  readonly schedMs?: number | null;
  readonly asked?: number | null;
  readonly hide?: (text: string) => string;
}

export function recordOf(
  { status = 200, headers = {}, reads, end = WHOLE, endMs, schedMs = null, asked = null, hide }: Answer,
): RequestRecord {
  const trace = new RequestTrace({
    index: 7,
    tSchedNs: schedMs === null ? null : atMs(schedMs),
    askedInputTokens: asked,
    ...(hide === undefined ? {} : { hide }),
  });
  trace.sent(SENT_NS);
  trace.head(status, new Map(Object.entries(headers)), SENT_NS + NS_PER_MS);
  // As the client does: one buffer for every read.
  const buffer = new Uint8Array(65_536);
  for (const [ms, read] of reads) {
    const bytes = typeof read === "string" ? new TextEncoder().encode(read) : read;
    buffer.set(bytes);
    trace.body(buffer.subarray(0, bytes.length), atMs(ms));
    buffer.fill(0xff, 0, bytes.length);
  }
  return trace.end(end, atMs(endMs ?? (reads.at(-1)?.[0] ?? 0) + 5));
}
