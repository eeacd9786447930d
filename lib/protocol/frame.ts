/**
 * lib/protocol owns the worker protocol, version 1: what runner and worker say to each other over stdin and
 * stdout. It is pure: bytes and values in, values and bytes out. It never reads, writes or waits.
 *
 * stdout of a worker is an RFC 7464 JSON text sequence: one frame is 0x1E, a JSON object, 0x0A. Whatever is
 * not such a frame with the token of the assignment is log text.
 */
import type { JsonObject } from "../base/json.ts";

export const PROTOCOL_VERSION = 1;
/** Record separator, the byte that opens a frame (RFC 7464). */
export const RS = 0x1e;
/** Line feed, the byte that closes a frame. */
export const LF = 0x0a;

/** First frame of a worker: who it is. It ends the start-up limit. */
export interface HelloFrame {
  readonly type: "hello";
  readonly backend: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly pid: number;
  /** What the worker computes on, as the backend names it. */
  readonly devices: readonly string[];
}

/** An edge of a phase on CLOCK_MONOTONIC. Throughput and energy are over the union of the `measure` windows. */
export interface PhaseFrame {
  readonly type: "phase";
  /** load, warmup, measure, prefill, decode, close, or a name of the backend's own. */
  readonly name: string;
  readonly edge: "begin" | "end";
  /** Nanoseconds; our own workers send a string above 2^53. */
  readonly t_ns: bigint;
}

/** The phase whose windows are measured (protocol, version 1). */
export const MEASURED_PHASE = "measure";

/** The phases that the protocol names. */
export const PHASES: ReadonlySet<unknown> = new Set([
  "load",
  "warmup",
  MEASURED_PHASE,
  "prefill",
  "decode",
  "close",
]);

/** How far the worker is; only for people. */
export interface ProgressFrame {
  readonly type: "progress";
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  readonly note?: string;
}

/** One measured request. Times of a failed or unknown part are null. */
export interface RequestFrame {
  readonly type: "request";
  readonly index: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly t_start_ns: bigint | null;
  readonly ttft_ms: number | null;
  readonly e2e_ms: number | null;
  /** Times between consecutive output tokens: output_tokens - 1 values. */
  readonly itl_ms: readonly number[];
  /**
   * Time per output token after the first, where the worker knows it better than (e2e_ms - ttft_ms) / (output_tokens - 1)
   * tells: null where there is none. Not checked where it comes in, as are all that follow.
   */
  readonly tpot_ms?: number | null;
  /** Why it failed, as a word (`timeout`, `http_429`); null where it succeeded. A failed request has no latencies. */
  readonly error?: string | null;
  /** False for a request whose latencies do not count, since it was not due in the measured window. */
  readonly in_window?: boolean;
  /** To the first token from the time at which it was due, not from its send. */
  readonly ttft_sched_ms?: number | null;
  /** To the first token that is no reasoning. */
  readonly ttfo_ms?: number | null;
  /** Between chunks of its stream, which may hold several tokens each. */
  readonly chunk_gap_ms?: readonly number[];
  /** Why itl_ms is empty although there were several tokens; null where it is not. */
  readonly itl_reason?: string | null;
  /** Answers that came in one stream. */
  readonly n_choices?: number;
  /** In requests.jsonl: what ended since the request before it, as the runner puts it there. */
  readonly phases?: unknown;
}

/** A remark for the record. */
export interface NoteFrame {
  readonly type: "note";
  readonly level: "info" | "warning";
  readonly text: string;
  readonly code?: string;
}

/** The measurement. Every field is optional; other fields are kept as they are. */
export interface ResultFrame {
  readonly type: "result";
  readonly input_tokens?: number;
  readonly output_tokens?: number;
  readonly requests?: number;
  readonly model?: JsonObject;
  readonly memory?: JsonObject;
  readonly metrics?: JsonObject;
  readonly [other: string]: unknown;
}

/** The worker failed and knows why. It should exit after this. */
export interface ErrorFrame {
  readonly type: "error";
  readonly error_type: string;
  readonly message: string;
  readonly traceback?: string;
  readonly retryable?: boolean;
}

/** Loaded and idle, waiting for the gate that the assignment names. Sent only where it names one. */
export interface ReadyFrame {
  readonly type: "ready";
}

export type Frame =
  | HelloFrame
  | ReadyFrame
  | PhaseFrame
  | ProgressFrame
  | RequestFrame
  | NoteFrame
  | ResultFrame
  | ErrorFrame;
