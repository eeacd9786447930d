import { LF, MAX_FRAME_BYTES, RS } from "./frame.ts";

/** A piece of a worker's stdout: log text, or the JSON text of what claims to be a frame. */
export type Piece =
  | { readonly kind: "log"; readonly bytes: Uint8Array }
  | { readonly kind: "frame"; readonly bytes: Uint8Array }
  /** A frame without its line feed: the next frame began or the stream ended. */
  | { readonly kind: "truncated"; readonly bytes: Uint8Array }
  /** A frame over the cap; its bytes are dropped as they come, `head` is its beginning. */
  | { readonly kind: "oversized"; readonly head: Uint8Array; readonly size_bytes: number };

const OVERSIZED_HEAD_BYTES = 4096;

/**
 * Cuts a byte stream into log text and frames. Works on bytes, so that no split of a UTF-8 character can harm,
 * and holds at most one frame.
 */
export class FrameSplitter {
  #parts: Uint8Array[] = [];
  #size = 0;
  #inFrame = false;
  readonly #maxBytes: number;

  constructor(maxBytes: number = MAX_FRAME_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** The pieces that `chunk` completes. The chunk may be reused afterwards only if it held no log or frame start. */
  *push(chunk: Uint8Array): Generator<Piece> {
    let at = 0;
    while (at < chunk.length) {
      if (!this.#inFrame) {
        const start = chunk.indexOf(RS, at);
        const end = start === -1 ? chunk.length : start;
        if (end > at) yield { kind: "log", bytes: chunk.subarray(at, end) };
        if (start === -1) return;
        this.#inFrame = true;
        at = start + 1;
        continue;
      }
      const end = endOfFrame(chunk, at);
      if (end === -1) {
        this.#keep(chunk.subarray(at));
        return;
      }
      this.#keep(chunk.subarray(at, end));
      const closed = chunk[end] === LF;
      // A record separator inside a frame opens the next one.
      const piece = this.#take(closed ? "frame" : "truncated");
      this.#inFrame = !closed;
      at = end + 1;
      yield piece;
    }
  }

  /** What is left when the stream ends. */
  *end(): Generator<Piece> {
    if (this.#inFrame) yield this.#take("truncated");
    this.#inFrame = false;
  }

  #keep(bytes: Uint8Array): void {
    this.#size += bytes.length;
    if (this.#size <= this.#maxBytes) {
      this.#parts.push(bytes.slice());
    } else if (this.#parts.length !== 1 || (this.#parts[0]?.length ?? 0) > OVERSIZED_HEAD_BYTES) {
      this.#parts = [
        concat([...this.#parts, bytes.subarray(0, OVERSIZED_HEAD_BYTES)]).slice(0, OVERSIZED_HEAD_BYTES),
      ];
    }
  }

  #take(kind: "frame" | "truncated"): Piece {
    const bytes = concat(this.#parts);
    const size_bytes = this.#size;
    this.#parts = [];
    this.#size = 0;
    return size_bytes > this.#maxBytes ? { kind: "oversized", head: bytes, size_bytes } : { kind, bytes };
  }
}

/** The next separator first: a flood of them would otherwise cost a look through the whole chunk for each. */
function endOfFrame(chunk: Uint8Array, from: number): number {
  const rs = chunk.indexOf(RS, from);
  const lf = (rs === -1 ? chunk : chunk.subarray(0, rs)).indexOf(LF, from);
  return lf === -1 ? rs : lf;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const only = parts[0];
  if (parts.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
