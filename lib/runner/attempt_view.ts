import { clip } from "../base/text.ts";
import type { HiddenTexts } from "../experiment/hidden_texts.ts";
import type { Measurement } from "../experiment/outcome.ts";
import {
  MAX_CODE_CHARS,
  MAX_FRAME_BYTES,
  MAX_REMARK_CHARS,
  MAX_REQUESTS_BYTES,
  MAX_WARNINGS,
} from "../protocol/bounds.ts";
import type { ErrorFrame, Frame, HelloFrame, RequestFrame, ResultFrame } from "../protocol/frame.ts";
import { holdsToken, readFrame } from "../protocol/read_frame.ts";
import { FrameSplitter, type Piece } from "../protocol/split_frames.ts";
import { PhaseLog } from "../results/phases.ts";
import type { RecordWarning } from "../results/record.ts";
import { requestPhase } from "../results/record_phases.ts";
import { type RequestSamples, RequestTally } from "../results/request_tally.ts";
import type { Slo } from "../study/slo_schema.ts";
import { FrameNotes } from "./frame_notes.ts";
import { OtherClock } from "./other_clock.ts";
import * as messages from "./messages.ts";

/** Where an attempt's frames and text go as they arrive. */
export interface AttemptSinks {
  log(bytes: Uint8Array): void;
  /** With the phases that ended before it. May throw SaveError. */
  request(frame: RequestFrame): void;
  /** Every valid frame, after it has been taken in. */
  frame(frame: Frame): void;
}

/** What the runner has seen of one attempt so far, built up from the bytes of the worker's stdout. */
export class AttemptView {
  readonly phases = new PhaseLog();
  readonly requests: RequestTally;
  readonly warnings: RecordWarning[] = [];
  hello: HelloFrame | null = null;
  error: ErrorFrame | null = null;
  /** The first thing that was wrong with our own frames. */
  protocolIssue: string | null = null;
  /** The same worker would do the same again. */
  protocolIssueRepeats = false;
  readonly #splitter: FrameSplitter;
  readonly #token: string;
  readonly #sinks: AttemptSinks;
  readonly #otherClock: OtherClock | null;
  readonly #maxRequestsBytes: number;
  readonly #hidden: HiddenTexts | null;
  readonly #notes = new FrameNotes();
  #requestsBytes = 0;
  #requestsLeftOut = 0;
  #result: ResultFrame | null = null;
  /** What was right in a result that breaks the protocol. */
  #rest: ResultFrame | null = null;
  #droppedWarnings = 0;

  /** `otherClock` looks at every time; null where nobody wants to know. Of frames, what is `hidden` goes no further. Requests are judged by `slo`. */
  constructor(
    token: string,
    sinks: AttemptSinks,
    otherClock: OtherClock | null = null,
    maxRequestsBytes: number = MAX_REQUESTS_BYTES,
    hidden: HiddenTexts | null = null,
    slo: Slo | null = null,
  ) {
    this.requests = new RequestTally(slo);
    this.#token = token;
    // No frame of ours is shorter than the token that it holds.
    this.#splitter = new FrameSplitter(MAX_FRAME_BYTES, token.length);
    this.#sinks = sinks;
    this.#otherClock = otherClock;
    this.#maxRequestsBytes = maxRequestsBytes;
    this.#hidden = hidden;
  }

  /** Takes bytes in. One step for each frame or run of text: whoever takes the steps can do other things between them. */
  *steps(bytes: Uint8Array): Generator<void> {
    for (const piece of this.#splitter.push(bytes)) {
      this.#takePiece(piece);
      yield;
    }
  }

  /** The same in one go. */
  push(bytes: Uint8Array): void {
    for (const _ of this.steps(bytes));
  }

  /** The stream has ended. Where it was we who ended the worker, a frame that this cut off is no fault of it: log text. */
  end(isOurEnd = false): void {
    for (const piece of this.#splitter.end()) {
      if (isOurEnd && piece.kind === "truncated") this.#sinks.log(piece.bytes);
      else this.#takePiece(piece);
    }
    if (this.phases.dropped > 0) {
      this.warn("phase_marks", messages.phaseMarksIgnored(this.phases.dropped));
    }
    const clock = this.#otherClock?.found ?? null;
    if (clock !== null) this.#keepWarning("other_clock", clock);
    for (const { code, text } of this.#notes.warnings()) this.#keepWarning(code, text);
    if (this.#requestsLeftOut > 0) {
      this.#keepWarning("requests_left_out", messages.requestsLeftOut(this.#requestsLeftOut));
    }
    if (this.#droppedWarnings > 0) this.#keepWarning("more", messages.moreWarnings(this.#droppedWarnings));
  }

  warn(code: string, text: string): void {
    if (this.warnings.length < MAX_WARNINGS) this.#keepWarning(code, text);
    else this.#droppedWarnings += 1;
  }

  /** Of the requests so far, in milliseconds. */
  get samples(): RequestSamples {
    return this.requests.samples;
  }

  get hasResult(): boolean {
    return this.#result !== null;
  }

  /**
   * The result frame, counts it does not give taken from the request frames. Of one that breaks the protocol, what is
   * right in it; null without any.
   */
  get measurement(): Measurement | null {
    const result = this.#result ?? this.#rest;
    if (result === null) return null;
    const { type: _, ...fields } = result;
    const { totals } = this.requests;
    const counted = totals.requests > 0 ? totals : null;
    return {
      ...fields,
      input_tokens: fields.input_tokens ?? counted?.input_tokens ?? null,
      output_tokens: fields.output_tokens ?? counted?.output_tokens ?? null,
      requests: fields.requests ?? counted?.requests ?? null,
      model: fields.model ?? {},
      memory: fields.memory ?? {},
      metrics: fields.metrics ?? {},
    };
  }

  #takePiece(piece: Piece): void {
    switch (piece.kind) {
      case "log":
        return this.#sinks.log(piece.bytes);
      case "frame":
        return this.#takeFrame(piece.bytes);
      case "truncated":
        if (holdsToken(piece.bytes, this.#token)) {
          this.#broken(messages.frameCutOff(), false);
        }
        return this.#sinks.log(piece.bytes);
      case "oversized":
        this.#broken(tooMuch(piece), true);
        return this.#sinks.log(piece.head);
    }
  }

  #takeFrame(bytes: Uint8Array): void {
    const reading = readFrame(bytes, this.#token, this.#hidden);
    switch (reading.kind) {
      case "frame":
        if (reading.remarks !== undefined) this.#notes.take(reading.frame.type, reading.remarks);
        this.#takeIn(reading.frame, bytes.length);
        return this.#sinks.frame(reading.frame);
      case "invalid":
        this.#rest ??= reading.rest ?? null;
        this.#broken(reading.reason, reading.repeats);
        return this.#sinks.log(bytes);
      case "unknown":
        this.warn("unknown_frame", messages.frameUnknown(reading.type));
        return this.#sinks.log(bytes);
      case "foreign":
        return this.#sinks.log(bytes);
    }
  }

  #takeIn(frame: Frame, sizeBytes: number): void {
    switch (frame.type) {
      case "hello":
        this.hello ??= frame;
        return;
      case "phase":
        this.#otherClock?.look(frame.t_ns);
        return this.phases.add(frame.name, frame.edge, frame.t_ns);
      case "request":
        return this.#takeRequest(frame, sizeBytes);
      case "note":
        if (frame.level === "warning") this.warn(frame.code ?? "note", frame.text);
        return;
      case "result":
        if (this.#result !== null) this.#broken(messages.secondResult(), true);
        this.#result ??= frame;
        return;
      case "error":
        this.error ??= frame;
        return;
      case "progress":
      case "ready":
        return;
    }
  }

  #takeRequest(frame: RequestFrame, sizeBytes: number): void {
    this.requests.add(frame);
    if (frame.t_start_ns !== null) this.#otherClock?.look(frame.t_start_ns);
    this.#requestsBytes += sizeBytes;
    if (this.#requestsBytes <= this.#maxRequestsBytes) this.#sinks.request(this.#withPhases(frame));
    else this.#requestsLeftOut += 1;
  }

  /**
   * With the phases that have ended since the request before: a record only counts what comes with every request. A worker that
   * tells phases of its own in its requests keeps them.
   */
  #withPhases(frame: RequestFrame): RequestFrame {
    if (frame.phases !== undefined) return frame;
    const phases = this.phases.takeEnded();
    return phases.length === 0 ? frame : { ...frame, phases: phases.map(requestPhase) };
  }

  #keepWarning(code: string, text: string): void {
    this.warnings.push({ code: code.slice(0, MAX_CODE_CHARS), text: clip(text, MAX_REMARK_CHARS) });
  }

  /** `repeats`: the same worker would do the same again. */
  #broken(reason: string, repeats: boolean): void {
    if (this.protocolIssue === null) {
      this.protocolIssue = clip(reason, MAX_REMARK_CHARS);
      this.protocolIssueRepeats = repeats;
    }
    this.warn("protocol", reason);
  }
}

function tooMuch({ size_bytes, excess }: Piece & { readonly kind: "oversized" }): string {
  return excess === undefined
    ? messages.frameTooLarge(size_bytes, MAX_FRAME_BYTES / 1024 ** 2)
    : messages.frameTooComplex(size_bytes, excess);
}
