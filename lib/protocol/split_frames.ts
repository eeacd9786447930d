import { MAX_FRAME_BYTES } from "./bounds.ts";
import { LF, RS } from "./frame.ts";
import { FrameShape } from "./frame_shape.ts";

/** A piece of a worker's stdout: log text, or the JSON text of what claims to be a frame. */
export type Piece =
  | { readonly kind: "log"; readonly bytes: Uint8Array }
  | { readonly kind: "frame"; readonly bytes: Uint8Array }
  /** A frame without its line feed: the next frame began or the stream ended. */
  | { readonly kind: "truncated"; readonly bytes: Uint8Array }
  /**
   * A frame over a bound; its bytes are dropped as they come, `head` is its beginning. `excess` says what there is too
   * much of where that is not its size.
   */
  | {
    readonly kind: "oversized";
    readonly head: Uint8Array;
    readonly size_bytes: number;
    readonly excess?: string;
  };

const OVERSIZED_HEAD_BYTES = 4096;

/** A frame up to this size cannot hold too much of anything but levels; of longer ones the shape is followed. */
const SHORT_FRAME_BYTES = 64 * 1024;

/**
 * Cuts a byte stream into log text and frames. Works on bytes, so that no split of a UTF-8 character can harm,
 * and holds at most one frame, with its long texts cut.
 */
export class FrameSplitter {
  /** What is held of a frame that began in an earlier chunk: the first `#held` bytes. It grows by doubling. */
  #buffer = new Uint8Array(0);
  #held = 0;
  /** Bytes of that frame so far, kept or not. */
  #size = 0;
  #inFrame = false;
  #shape: FrameShape | null = null;
  readonly #maxBytes: number;
  readonly #minBytes: number;
  /** The log text of one chunk that lies in many short parts: its first `#scrapsBytes` bytes. */
  #scraps = new Uint8Array(0);
  #scrapsBytes = 0;

  /** What is shorter than `minBytes` is no frame of anybody's: given as log text, without its separators. */
  constructor(maxBytes: number = MAX_FRAME_BYTES, minBytes = 0) {
    this.#maxBytes = maxBytes;
    this.#minBytes = minBytes;
  }

  /**
   * The pieces that `chunk` completes. Each is a view of the chunk where it lies in it as a whole: take it in at once. Short
   * parts of log text are put together: a flood of separators is a few pieces.
   */
  *push(chunk: Uint8Array): Generator<Piece> {
    let at = 0;
    while (at < chunk.length) {
      if (!this.#inFrame) {
        const start = chunk.indexOf(RS, at);
        const end = start === -1 ? chunk.length : start;
        if (end - at < this.#minBytes) this.#addScrap(chunk, at, end);
        else if (end > at) {
          if (this.#scrapsBytes > 0) yield this.#takeScraps();
          yield { kind: "log", bytes: chunk.subarray(at, end) };
        }
        if (start === -1) break;
        this.#inFrame = true;
        at = start + 1;
        continue;
      }
      const near = endWithin(chunk, at, at + this.#minBytes);
      const end = near === -1 ? endOfFrame(chunk, at + this.#minBytes) : near;
      if (end === -1) {
        this.#keep(chunk.subarray(at));
        break;
      }
      const closed = chunk[end] === LF;
      // A record separator inside a frame opens the next one.
      this.#inFrame = !closed;
      if (near !== -1 && this.#size === 0) this.#addScrap(chunk, at, end);
      else {
        if (this.#scrapsBytes > 0) yield this.#takeScraps();
        yield this.#take(closed ? "frame" : "truncated", chunk.subarray(at, end));
      }
      at = end + 1;
    }
    if (this.#scrapsBytes > 0) yield this.#takeScraps();
  }

  /** What is left when the stream ends. */
  *end(): Generator<Piece> {
    if (this.#inFrame) yield this.#take("truncated", new Uint8Array(0));
    this.#inFrame = false;
  }

  #addScrap(chunk: Uint8Array, from: number, to: number): void {
    if (this.#scraps.length < chunk.length) this.#scraps = new Uint8Array(chunk.length);
    for (let at = from; at < to; at++) this.#scraps[this.#scrapsBytes++] = chunk[at] ?? 0;
  }

  #takeScraps(): Piece {
    const bytes = this.#scraps.subarray(0, this.#scrapsBytes);
    this.#scrapsBytes = 0;
    return { kind: "log", bytes };
  }

  #keep(bytes: Uint8Array): void {
    this.#size += bytes.length;
    if (this.#isRefused) {
      // The head of a frame that is refused by its first bytes is all that there is of it.
      if (this.#held < OVERSIZED_HEAD_BYTES) {
        this.#hold(bytes.subarray(0, OVERSIZED_HEAD_BYTES - this.#held));
      }
      return;
    }
    if (this.#size <= SHORT_FRAME_BYTES) return this.#hold(bytes);
    if (this.#shape === null) {
      this.#shape = new FrameShape();
      const before = this.#buffer.slice(0, this.#held);
      this.#held = 0;
      for (const part of this.#shape.push(before)) this.#hold(part);
    }
    for (const part of this.#shape.push(bytes)) this.#hold(part);
    if (this.#isRefused) this.#buffer = this.#buffer.slice(0, OVERSIZED_HEAD_BYTES);
    this.#held = Math.min(this.#held, this.#buffer.length);
  }

  get #isRefused(): boolean {
    return this.#size > this.#maxBytes || (this.#shape !== null && this.#shape.excess !== null);
  }

  #hold(bytes: Uint8Array): void {
    const needed = this.#held + bytes.length;
    if (needed > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#buffer.length));
      larger.set(this.#buffer.subarray(0, this.#held));
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.#held);
    this.#held = needed;
  }

  /** The frame whose last bytes these are. */
  #take(kind: "log" | "frame" | "truncated", last: Uint8Array): Piece {
    if (this.#size + last.length < this.#minBytes) kind = "log";
    const isWhole = this.#size === 0;
    if (isWhole && last.length <= Math.min(SHORT_FRAME_BYTES, this.#maxBytes)) return { kind, bytes: last };
    this.#keep(last);
    const bytes = this.#buffer.subarray(0, this.#held);
    const size_bytes = this.#size;
    const excess = this.#shape?.excess ?? null;
    this.#buffer = new Uint8Array(0);
    this.#held = 0;
    this.#size = 0;
    this.#shape = null;
    if (size_bytes > this.#maxBytes) return { kind: "oversized", head: headOf(bytes), size_bytes };
    return excess === null ? { kind, bytes } : { kind: "oversized", head: headOf(bytes), size_bytes, excess };
  }
}

function headOf(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, OVERSIZED_HEAD_BYTES);
}

/** The first separator or line feed before `to`, -1 where there is none. A call of `indexOf` costs as much as 50 bytes of this. */
function endWithin(chunk: Uint8Array, from: number, to: number): number {
  const end = Math.min(to, chunk.length);
  for (let at = from; at < end; at++) if (chunk[at] === RS || chunk[at] === LF) return at;
  return -1;
}

/** The next separator first: a flood of them would otherwise cost a look through the whole chunk for each. */
function endOfFrame(chunk: Uint8Array, from: number): number {
  const rs = chunk.indexOf(RS, from);
  const lf = (rs === -1 ? chunk : chunk.subarray(0, rs)).indexOf(LF, from);
  return lf === -1 ? rs : lf;
}
