import { type Delays, delaysOf } from "../load/delays.ts";

/** How often the event loop is asked. */
const STEP_MS = 10;
/** So many samples are kept, the newest: an hour and a half of an idle loop. */
const MOST_SAMPLES = 2 ** 19;

/**
 * Watches how late the event loop of this process is: what an event waits before its stamp. A loop that stood still for
 * L ms would have kept events at any moment of it waiting, for L, L - 10, L - 20 ... ms: one sample for each step that was
 * missed, so that a stall weighs as much as it lasted.
 */
export class LoopLag implements Disposable {
  #lags = new Float64Array(1024);
  #count = 0;
  /** Infinity once nothing is watched any more. */
  #dueMs = Infinity;
  #timer: number | undefined;

  constructor() {
    this.#watch();
  }

  /** By how much it came late to what was due so far, a stall under way included. */
  facts(): Delays {
    const lags = this.#lags.subarray(0, this.#kept);
    return delaysOf([...lags, ...stallLags(performance.now() - this.#dueMs)]);
  }

  /** Forgets what was seen: a window begins. */
  restart(): void {
    this.#count = 0;
    this.#watch();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#dueMs = Infinity;
  }

  get #kept(): number {
    return Math.min(this.#count, MOST_SAMPLES);
  }

  #watch(): void {
    clearTimeout(this.#timer);
    const dueMs = performance.now() + STEP_MS;
    this.#dueMs = dueMs;
    this.#timer = setTimeout(() => this.#tick(dueMs), STEP_MS);
  }

  #tick(dueMs: number): void {
    // A timer that an answer clears in the turn of the loop in which it is due comes all the same.
    if (dueMs !== this.#dueMs) return;
    const nowMs = performance.now();
    const lags = stallLags(nowMs - this.#dueMs);
    for (const lag of lags.length === 0 ? [0] : lags) this.#keep(lag);
    this.#watch();
  }

  #keep(lag: number): void {
    if (this.#count === this.#lags.length && this.#count < MOST_SAMPLES) {
      const larger = new Float64Array(this.#count * 2);
      larger.set(this.#lags);
      this.#lags = larger;
    }
    this.#lags[this.#count++ % MOST_SAMPLES] = lag;
  }
}

/** What events in the course of a stall waited, one for each step; none where there was no stall. */
export function stallLags(lateMs: number): number[] {
  const lags: number[] = [];
  for (let lag = lateMs; lag > 0; lag -= STEP_MS) lags.push(lag);
  return lags;
}
