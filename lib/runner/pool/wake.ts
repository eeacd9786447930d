/** Wakes one loop: what happens while it does not wait wakes it at its next wait. */
export class Wake {
  #isDue = false;
  #resolve: (() => void) | null = null;

  now(): void {
    this.#isDue = true;
    this.#resolve?.();
  }

  /** Also when one of these aborts, until it is disposed. */
  with(...signals: readonly AbortSignal[]): Disposable {
    const wake = (): void => this.now();
    for (const signal of signals) signal.addEventListener("abort", wake);
    return {
      [Symbol.dispose]: () => {
        for (const signal of signals) signal.removeEventListener("abort", wake);
      },
    };
  }

  /** Resolves when something has happened since the last wait, or after `ms`. */
  async within(ms: number): Promise<void> {
    if (!this.#isDue) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#resolve = resolve;
      // Timers above 2^31 - 1 ms fire at once.
      const timer = ms === Infinity ? null : setTimeout(resolve, Math.min(Math.ceil(ms), LONGEST_MS));
      await promise;
      if (timer !== null) clearTimeout(timer);
      this.#resolve = null;
    }
    this.#isDue = false;
  }
}

const LONGEST_MS = 2 ** 30;
