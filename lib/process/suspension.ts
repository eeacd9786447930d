import { monotonicMs, sleptMs } from "../base/clock.ts";

/** How often to look at the clocks. */
const TICK_MS = 500;
/** A tick later than this says that nothing of us ran; a busy machine delays ticks by some tens of milliseconds. */
const LATE_MS = 1000;
/** How long the kernel and Deno may take to tell a woken process that it was stopped. */
const WAKE_MS = 100;

/** The clocks that tell a pause; a test moves them by hand. */
export interface SuspensionClocks {
  /** Goes on while we are stopped. */
  readonly monotonicMs: () => number;
  /** Grows by every sleep of the machine. */
  readonly sleptMs: () => number;
}

/** Told of a pause once it is over. A sleep of the machine is not on the monotonic clock, a stop of ours is. */
export type SuspensionListener = (pausedMs: number, cause: "stopped" | "slept") => void;

/**
 * Notices that the study stood still: the user stopped it (Ctrl-Z, SIGSTOP) or the machine slept. A measurement that
 * was under way is void then, and limits that passed meanwhile mean nothing. A late tick alone proves nothing (a slow
 * disk delays it as well): what counts is SIGCONT after one, or a machine that slept.
 */
export class Suspension implements Disposable {
  readonly #clocks: SuspensionClocks;
  readonly #resumed = new Set<SuspensionListener>();
  readonly #pausing = new Set<() => void>();
  readonly #timer: number;
  #isPausing = false;
  #tickMs: number;
  #sleptMs: number;
  /** The longest late tick of which nobody has said yet what it was. */
  #unexplained: { readonly pausedMs: number; readonly untilMs: number } | null = null;

  constructor(clocks: SuspensionClocks = { monotonicMs, sleptMs }) {
    this.#clocks = clocks;
    this.#tickMs = clocks.monotonicMs();
    this.#sleptMs = clocks.sleptMs();
    this.#timer = setInterval(() => this.look(), TICK_MS);
  }

  /** Hears of every pause once it is over. */
  listen(listener: SuspensionListener): Disposable {
    this.#resumed.add(listener);
    return { [Symbol.dispose]: () => void this.#resumed.delete(listener) };
  }

  /** Hears that a pause is about to begin; only where it was asked for politely (SIGTSTP). */
  onPausing(listener: () => void): Disposable {
    this.#pausing.add(listener);
    return { [Symbol.dispose]: () => void this.#pausing.delete(listener) };
  }

  /** Stands still until `stop` has come to its end. One pause at a time: asked again meanwhile, nothing happens. */
  async pause(stop: () => Promise<void>): Promise<void> {
    if (this.#isPausing) return;
    this.#isPausing = true;
    for (const listener of [...this.#pausing]) listener();
    const beganMs = this.#clocks.monotonicMs();
    await stop();
    this.#isPausing = false;
    this.#tell(this.#clocks.monotonicMs() - beganMs, "stopped");
  }

  /** SIGCONT was heard. */
  continued(): void {
    this.look();
    if (this.#unexplained !== null && !this.#isPausing) this.#tell(this.#unexplained.pausedMs, "stopped");
  }

  /** Looks at the clocks now. */
  look(): void {
    const { monotonicMs, sleptMs } = this.#clocks;
    const lateMs = monotonicMs() - this.#tickMs - TICK_MS;
    const newSleepMs = sleptMs() - this.#sleptMs;
    this.#tickMs = monotonicMs();
    this.#sleptMs += newSleepMs;
    if (newSleepMs > LATE_MS) return this.#tell(newSleepMs, "slept");
    if (lateMs > LATE_MS) this.#unexplained = { pausedMs: lateMs, untilMs: this.#tickMs + WAKE_MS };
    else if (this.#unexplained !== null && this.#tickMs > this.#unexplained.untilMs) this.#unexplained = null;
  }

  /**
   * Milliseconds to wait before a passed limit may be believed: timers fire on waking, before SIGCONT is heard.
   * 0 where nothing speaks for a pause.
   */
  doubtMs(): number {
    this.look();
    return this.#unexplained === null ? 0 : WAKE_MS;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #tell(pausedMs: number, cause: "stopped" | "slept"): void {
    this.#unexplained = null;
    this.#tickMs = this.#clocks.monotonicMs();
    for (const listener of [...this.#resumed]) listener(pausedMs, cause);
  }
}
