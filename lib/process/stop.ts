import { monotonicMs } from "../base/clock.ts";
import type { StopSignal } from "./inherited.ts";

/** What a listener is told: the signal, and whether it is the first one or one more. */
export type StopListener = (signal: StopSignal, urgency: "first" | "again") => void;

/**
 * The user's wish to stop. The first signal stops scheduling and asks the worker to end; any further one means
 * now. The first decides the exit code. Draining is the mild form: the run at hand may end.
 */
export class StopSwitch {
  readonly #listeners = new Set<StopListener>();
  readonly #controller = new AbortController();
  readonly #drain = new AbortController();
  #first: StopSignal | null = null;
  #secondMs: number | null = null;

  /** The first signal, null while nobody asked to stop. */
  get requested(): StopSignal | null {
    return this.#first;
  }

  /** Aborts with the first signal: ends gaps and other waits. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Aborts when the run at hand is to be the last one. */
  get draining(): AbortSignal {
    return this.#drain.signal;
  }

  /** No further run is begun. */
  drain(): void {
    this.#drain.abort();
  }

  /** True where a second signal was heard so long ago that its kill should be over. */
  isHanging(afterMs: number): boolean {
    return this.#secondMs !== null && monotonicMs() - this.#secondMs > afterMs;
  }

  request(signal: StopSignal): void {
    const urgency = this.#first === null ? "first" : "again";
    if (urgency === "again") this.#secondMs ??= monotonicMs();
    this.#first ??= signal;
    this.#controller.abort();
    for (const listener of [...this.#listeners]) listener(signal, urgency);
  }

  listen(listener: StopListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }
}
