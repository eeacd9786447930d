import type { Measurement } from "../experiment/outcome.ts";
import type { ErrorFrame, Frame, HelloFrame, RequestFrame, ResultFrame } from "../protocol/frame.ts";
import { holdsToken, readFrame } from "../protocol/read_frame.ts";
import { FrameSplitter, type Piece } from "../protocol/split_frames.ts";
import { PhaseLog } from "../results/phases.ts";
import type { RecordWarning, RequestSamples } from "../results/record.ts";
import { Samples } from "../results/samples.ts";

/** Where an attempt's frames and text go as they arrive. */
export interface AttemptSinks {
  log(bytes: Uint8Array): void;
  /** May throw SaveError. */
  request(frame: RequestFrame): void;
  /** Every valid frame, after it has been taken in. */
  frame(frame: Frame): void;
}

/** More warnings of one worker than this are counted, not kept. */
const MAX_WARNINGS = 100;

/** What the runner has seen of one attempt so far, built up from the bytes of the worker's stdout. */
export class AttemptView {
  readonly phases = new PhaseLog();
  readonly samples: RequestSamples = { ttft_ms: new Samples(), itl_ms: new Samples(), e2e_ms: new Samples() };
  readonly warnings: RecordWarning[] = [];
  hello: HelloFrame | null = null;
  error: ErrorFrame | null = null;
  /** The first thing that was wrong with our own frames. */
  protocolIssue: string | null = null;
  readonly #splitter = new FrameSplitter();
  readonly #token: string;
  readonly #sinks: AttemptSinks;
  readonly #totals = { requests: 0, input_tokens: 0, output_tokens: 0 };
  #result: ResultFrame | null = null;
  #droppedWarnings = 0;

  constructor(token: string, sinks: AttemptSinks) {
    this.#token = token;
    this.#sinks = sinks;
  }

  push(bytes: Uint8Array): void {
    for (const piece of this.#splitter.push(bytes)) this.#takePiece(piece);
  }

  /** The stream has ended. */
  end(): void {
    for (const piece of this.#splitter.end()) this.#takePiece(piece);
    if (this.phases.dropped > 0) {
      this.warn(
        "phase_marks",
        `${this.phases.dropped} phase marks had no partner, ran backwards or were too many`,
      );
    }
    if (this.#droppedWarnings > 0) {
      this.warnings.push({ code: "more", text: `${this.#droppedWarnings} more warnings` });
    }
  }

  warn(code: string, text: string): void {
    if (this.warnings.length < MAX_WARNINGS) this.warnings.push({ code, text });
    else this.#droppedWarnings += 1;
  }

  get hasResult(): boolean {
    return this.#result !== null;
  }

  /** The result frame, counts it does not give taken from the request frames; null without a result. */
  get measurement(): Measurement | null {
    if (this.#result === null) return null;
    const { type: _, ...fields } = this.#result;
    const counted = this.#totals.requests > 0 ? this.#totals : null;
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
        if (holdsToken(piece.bytes, this.#token)) this.#broken("a frame was cut off before its line feed");
        return this.#sinks.log(piece.bytes);
      case "oversized":
        this.#broken(`a frame of ${piece.size_bytes} bytes is over the limit of 64 MiB`);
        return this.#sinks.log(piece.head);
    }
  }

  #takeFrame(bytes: Uint8Array): void {
    const reading = readFrame(bytes, this.#token);
    switch (reading.kind) {
      case "frame":
        this.#takeIn(reading.frame);
        return this.#sinks.frame(reading.frame);
      case "invalid":
        this.#broken(reading.reason);
        return this.#sinks.log(bytes);
      case "unknown":
        this.warn("unknown_frame", `a frame of type "${reading.type}" is not known to protocol version 1`);
        return this.#sinks.log(bytes);
      case "foreign":
        return this.#sinks.log(bytes);
    }
  }

  #takeIn(frame: Frame): void {
    switch (frame.type) {
      case "hello":
        this.hello ??= frame;
        return;
      case "phase":
        return this.phases.add(frame.name, frame.edge, frame.t_ns);
      case "request":
        return this.#takeRequest(frame);
      case "note":
        if (frame.level === "warning") this.warn(frame.code ?? "note", frame.text);
        return;
      case "result":
        if (this.#result !== null) this.#broken("a second result frame");
        this.#result ??= frame;
        return;
      case "error":
        this.error ??= frame;
        return;
      case "progress":
        return;
    }
  }

  #takeRequest(frame: RequestFrame): void {
    this.#totals.requests += 1;
    this.#totals.input_tokens += frame.input_tokens;
    this.#totals.output_tokens += frame.output_tokens;
    if (frame.ttft_ms !== null) this.samples.ttft_ms.add(frame.ttft_ms);
    if (frame.e2e_ms !== null) this.samples.e2e_ms.add(frame.e2e_ms);
    this.samples.itl_ms.addAll(frame.itl_ms);
    this.#sinks.request(frame);
  }

  #broken(reason: string): void {
    this.protocolIssue ??= reason;
    this.warn("protocol", reason);
  }
}
