import { resolvesWithin, sleep } from "./abort.ts";

/** A timer so much later than it was due says that this program's loop stood still: a busy machine delays by some tens of ms. */
export const STALL_MS = 100;
/** After so many stalls there is no further look. */
const MOST_STALLS = 20;
const SLICE_MS = 25;

/**
 * A limit on how long to wait for others, in time in which this program could see what they did. While its loop stood
 * still (SIGSTOP, a long computation, a disk that hung), what they did meanwhile waits unread: a stall counts as the
 * moment that was meant to be waited for, and after one there is another look.
 */
export class OwnTime {
  readonly #limitMs: number;
  readonly #nowMs: () => number;
  #lastMs: number;
  #spentMs = 0;
  #hasStalled = false;
  #stalls = 0;

  constructor(limitMs: number, nowMs: () => number = () => performance.now()) {
    this.#limitMs = limitMs;
    this.#nowMs = nowMs;
    this.#lastMs = nowMs();
  }

  get isOver(): boolean {
    return this.#spentMs >= this.#limitMs && (!this.#hasStalled || this.#stalls > MOST_STALLS);
  }

  async sleep(ms: number): Promise<void> {
    this.#count(STALL_MS);
    await sleep(ms);
    this.#count(ms);
  }

  /** True where a promise resolves before the time is over, at once; false when it is over. The promise must not reject. */
  async sees(promise: Promise<unknown>): Promise<boolean> {
    while (!this.isOver) {
      this.#count(STALL_MS);
      if (await resolvesWithin(SLICE_MS, promise)) return true;
      this.#count(SLICE_MS);
    }
    return false;
  }

  /** Counts what has passed since it last did, of which so much was meant to. */
  #count(meantMs: number): void {
    const passedMs = this.#nowMs() - this.#lastMs;
    this.#lastMs += passedMs;
    this.#hasStalled = passedMs > meantMs + STALL_MS;
    if (this.#hasStalled) this.#stalls += 1;
    this.#spentMs += this.#hasStalled ? meantMs : passedMs;
  }
}
