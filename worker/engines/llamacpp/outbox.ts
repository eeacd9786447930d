import { append } from "../../../lib/base/numbers.ts";
import { monotonicNs } from "../../../lib/base/clock.ts";
import type { Frame, PhaseFrame } from "../../../lib/protocol/frame.ts";

/** Least time between two posts while the engine works: a post costs some 20 us that belong to nobody's token. */
const POST_INTERVAL_NS = 100_000_000n;

/** Frames on their way out of the engine's thread, in order. */
export class Outbox {
  readonly #post: (frames: readonly Frame[]) => void;
  #waiting: Frame[] = [];
  #postedNs = 0n;

  constructor(post: (frames: readonly Frame[]) => void) {
    this.#post = post;
  }

  /** Keeps a frame until the next flush. */
  queue(...frames: readonly Frame[]): void {
    this.queueAll(frames);
  }

  /** The same with many. */
  queueAll(frames: readonly Frame[]): void {
    append(this.#waiting, frames);
  }

  /** Sends a frame now, after all that waits. */
  send(frame: Frame): void {
    this.queue(frame);
    this.flush();
  }

  /** True where enough time has passed since the last post. */
  isDue(nowNs: bigint): boolean {
    return nowNs - this.#postedNs >= POST_INTERVAL_NS;
  }

  flush(nowNs: bigint = monotonicNs()): void {
    if (this.#waiting.length === 0) return;
    this.#post(this.#waiting);
    this.#waiting = [];
    this.#postedNs = nowNs;
  }
}

/** An edge of a phase, now unless said otherwise. */
export function phase(name: string, edge: "begin" | "end", t_ns: bigint = monotonicNs()): PhaseFrame {
  return { type: "phase", name, edge, t_ns };
}
