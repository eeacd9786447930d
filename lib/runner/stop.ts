import type { StopSignal } from "../process/inherited.ts";

/** What a listener is told: the signal, and whether it is the first one or one more. */
export type StopListener = (signal: StopSignal, urgency: "first" | "again") => void;

/**
 * The user's wish to stop. The first signal stops scheduling and asks the worker to end; any further one means
 * now. The first decides the exit code.
 */
export class StopSwitch {
  readonly #listeners = new Set<StopListener>();
  readonly #controller = new AbortController();
  #first: StopSignal | null = null;

  /** The first signal, null while nobody asked to stop. */
  get requested(): StopSignal | null {
    return this.#first;
  }

  /** Aborts with the first signal: ends gaps and other waits. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  request(signal: StopSignal): void {
    const urgency = this.#first === null ? "first" : "again";
    this.#first ??= signal;
    this.#controller.abort();
    for (const listener of [...this.#listeners]) listener(signal, urgency);
  }

  listen(listener: StopListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }
}
