/** Timers above 2^31 - 1 ms fire at once, so a long wait is cut into slices well below that. */
const SLICE_MS = 2 ** 30;

/**
 * A limit on the monotonic clock as an AbortSignal. It can be started over until it has fired; a limit of null
 * never fires. Before it fires it asks `doubtMs` whether its time is to be believed, and waits as long as that says:
 * a process that was stopped finds its limits passed when it wakes. It is told how much later than it was due the timer
 * fired: what had come by then may wait unread.
 */
export class Deadline implements Disposable {
  readonly #controller = new AbortController();
  #endMs = Infinity;
  #timer: number | null = null;
  #isDisposed = false;
  /** When the timer under way is to fire; infinite while a doubt is waited for. */
  #dueMs = Infinity;
  readonly #doubtMs: (lateMs: number) => number;
  /** What was left when it was held; null while it runs. */
  #heldMs: number | null = null;

  constructor(seconds: number | null, doubtMs: (lateMs: number) => number = () => 0) {
    this.#doubtMs = doubtMs;
    this.restart(seconds);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The whole time again, from now; nothing once it has been disposed. */
  restart(seconds: number | null): void {
    if (this.#isDisposed) return;
    const ms = seconds === null ? Infinity : seconds * 1000;
    if (this.#heldMs === null) this.#endAt(performance.now() + ms);
    else this.#heldMs = ms;
  }

  /** Stands still until `resume`: the time between counts for nothing. */
  hold(): void {
    if (this.#isDisposed || this.#heldMs !== null) return;
    this.#heldMs = this.#endMs - performance.now();
    this.#endMs = Infinity;
  }

  /** Goes on with what was left when it was held; nothing where it was not. */
  resume(): void {
    const leftMs = this.#heldMs;
    this.#heldMs = null;
    if (!this.#isDisposed && leftMs !== null) this.#endAt(performance.now() + leftMs);
  }

  /** Gives back time that did not count. Nothing once it has fired, or while it is held. */
  extend(ms: number): void {
    this.#endMs += ms;
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#endMs = Infinity;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #endAt(endMs: number): void {
    this.#endMs = endMs;
    // A timer that is already under way looks at the new end when it fires: no churn on every frame.
    if (this.#timer === null) this.#arm();
  }

  #arm(): void {
    this.#timer = null;
    if (this.#endMs === Infinity || this.signal.aborted) return;
    const nowMs = performance.now();
    const leftMs = this.#endMs - nowMs;
    const waitMs = leftMs > 0
      ? Math.min(Math.ceil(leftMs), SLICE_MS)
      : this.#doubtMs(Math.max(0, nowMs - this.#dueMs));
    if (waitMs === 0) return this.#controller.abort();
    this.#dueMs = leftMs > 0 ? nowMs + waitMs : Infinity;
    this.#timer = setTimeout(() => this.#arm(), waitMs);
  }
}
