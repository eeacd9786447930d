/** The numbers of a run's requests, taken in one by one: what is held does not grow with how many there are. */
import { clip } from "../base/text.ts";
import { MAX_CODE_CHARS, MAX_REMARK_CHARS } from "../protocol/bounds.ts";
import type { RequestFrame } from "../protocol/frame.ts";
import { NO_ITL } from "../protocol/messages.ts";
import { deriveTimes, readStamps } from "../protocol/request_times.ts";
import type { Slo } from "../study/slo_schema.ts";
import { type JudgedRequest, SloTally } from "./goodput.ts";
import { Samples } from "./samples.ts";

/** Times of requests, in milliseconds; those of gaps are of all requests together. */
export const REQUEST_TIMES = [
  "ttft_ms",
  "tpot_ms",
  "itl_ms",
  "e2e_ms",
  "ttft_sched_ms",
  "ttfo_ms",
  "chunk_gap_ms",
] as const;
/** The name of a time of requests. */
export type RequestTime = typeof REQUEST_TIMES[number];

/** Per-request samples, in milliseconds. */
export type RequestSamples = Readonly<Record<RequestTime, Samples>>;

/** Samples of no request yet. */
export function noSamples(): RequestSamples {
  return {
    ttft_ms: new Samples(),
    tpot_ms: new Samples(),
    itl_ms: new Samples(),
    e2e_ms: new Samples(),
    ttft_sched_ms: new Samples(),
    ttfo_ms: new Samples(),
    chunk_gap_ms: new Samples(),
  };
}

/** How many requests came to what. */
export interface RequestCounts {
  /** Of the measured phase, with those that were not due in a steady window. */
  readonly total: number;
  readonly failed: number;
  /** By the word that the worker has for it. */
  readonly failed_by: Readonly<Record<string, number>>;
  /** Received by requests that failed later: they are part of every count of output tokens. */
  readonly failed_output_tokens: number;
  /** Those whose latencies count: all, or with a steady window those that were due in it. */
  readonly in_window: { readonly succeeded: number; readonly failed: number };
}

/** Requests whose times between tokens are not known. */
export interface UntoldItl {
  readonly requests: number;
  /** That of the first of them. */
  readonly reason: string;
}

/** More ways of failing than these are counted together. */
const MOST_KINDS = 32;
const OTHER_KINDS = "other";

/** Takes request frames in. */
export class RequestTally {
  readonly samples = noSamples();
  /** Of all requests, whether they failed or not. */
  readonly totals = { requests: 0, input_tokens: 0, output_tokens: 0 };
  /** Null where nothing is promised. */
  readonly slo: SloTally | null;
  readonly #failedBy = new Map<string, number>();
  readonly #inWindow = { succeeded: 0, failed: 0 };
  #failed = 0;
  #failedOutputTokens = 0;
  #itlUntold: UntoldItl | null = null;
  #tellsFailures = false;

  constructor(slo: Slo | null = null) {
    this.slo = slo === null ? null : new SloTally(slo);
  }

  add(told: RequestFrame): void {
    const frame = withLists(told);
    this.totals.requests += 1;
    this.totals.input_tokens += frame.input_tokens;
    this.totals.output_tokens += frame.output_tokens;
    this.#tellsFailures ||= frame.error !== undefined;
    const error = errorOf(frame);
    if (error !== null) this.#fail(error, frame.output_tokens);
    if (frame.in_window === false) return;
    this.#inWindow[error === null ? "succeeded" : "failed"] += 1;
    const tpot_ms = tpotOf(frame);
    this.slo?.add(judged(frame, error, tpot_ms));
    if (error !== null) return;
    const { ttft_ms, e2e_ms, ttft_sched_ms, ttfo_ms, chunk_gap_ms, itl_ms } = frame;
    const { samples } = this;
    if (ttft_ms !== null) samples.ttft_ms.add(ttft_ms);
    if (e2e_ms !== null) samples.e2e_ms.add(e2e_ms);
    if (tpot_ms !== null) samples.tpot_ms.add(tpot_ms);
    samples.itl_ms.addAll(itl_ms);
    this.#countUntoldItl(frame);
    if (isTime(ttft_sched_ms)) samples.ttft_sched_ms.add(ttft_sched_ms);
    if (isTime(ttfo_ms)) samples.ttfo_ms.add(ttfo_ms);
    if (Array.isArray(chunk_gap_ms) && chunk_gap_ms.every(isTime)) samples.chunk_gap_ms.addAll(chunk_gap_ms);
  }

  /** Null where the worker does not tell which requests failed. */
  get counts(): RequestCounts | null {
    if (!this.#tellsFailures) return null;
    return {
      total: this.totals.requests,
      failed: this.#failed,
      failed_by: Object.fromEntries(this.#failedBy),
      failed_output_tokens: this.#failedOutputTokens,
      in_window: { ...this.#inWindow },
    };
  }

  /** Null where every request of two tokens or more tells the times between them. */
  get itlUntold(): UntoldItl | null {
    return this.#itlUntold;
  }

  #countUntoldItl({ itl_ms, itl_reason, output_tokens }: RequestFrame): void {
    if (itl_ms.length > 0 || output_tokens < 2 || typeof itl_reason !== "string") return;
    const { requests, reason } = this.#itlUntold ??
      { requests: 0, reason: clip(itl_reason, MAX_REMARK_CHARS) };
    this.#itlUntold = { requests: requests + 1, reason };
  }

  #fail(error: string, outputTokens: number): void {
    this.#failed += 1;
    this.#failedOutputTokens += outputTokens;
    const isKnown = this.#failedBy.has(error) || this.#failedBy.size < MOST_KINDS;
    const kind = isKnown ? error : OTHER_KINDS;
    this.#failedBy.set(kind, (this.#failedBy.get(kind) ?? 0) + 1);
  }
}

/** A request of very many chunks leaves out the lists that follow from its stamps. */
function withLists(frame: RequestFrame): RequestFrame {
  const stamps = frame.itl_reason === NO_ITL.long ? readStamps(frame) : null;
  if (stamps === null) return frame;
  const { chunk_gap_ms, itl_ms, itl_reason } = deriveTimes(stamps);
  return { ...frame, chunk_gap_ms, itl_ms: itl_ms ?? [], itl_reason };
}

function errorOf({ error }: RequestFrame): string | null {
  return typeof error === "string" && error !== "" ? error.slice(0, MAX_CODE_CHARS) : null;
}

function judged(frame: RequestFrame, error: string | null, tpot_ms: number | null): JudgedRequest {
  const { ttft_ms, e2e_ms, itl_ms, itl_reason, output_tokens, n_choices } = frame;
  const reason = typeof itl_reason === "string"
    ? itl_reason
    : itl_ms.length > 0
    ? null
    : output_tokens < 2
    ? NO_ITL.one_token
    : NO_ITL.untold;
  return {
    error,
    ttft_ms,
    tpot_ms,
    e2e_ms,
    itl_ms: reason === null ? itl_ms : null,
    itl_reason: reason,
    n_choices: typeof n_choices === "number" ? n_choices : 1,
  };
}

/**
 * Time per output token after the first; null where there is no further one or a time is not known. A worker may say it
 * itself: from outside of a server the last token and the end are two moments, and a chunk may hold several tokens.
 */
function tpotOf({ ttft_ms, e2e_ms, output_tokens, tpot_ms }: RequestFrame): number | null {
  if (tpot_ms === null || isTime(tpot_ms)) return tpot_ms;
  if (ttft_ms === null || e2e_ms === null || output_tokens < 2 || e2e_ms < ttft_ms) return null;
  return (e2e_ms - ttft_ms) / (output_tokens - 1);
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && value >= 0;
}
