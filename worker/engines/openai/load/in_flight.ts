/**
 * Requests under way. A request that fails is a result and no error: a promise that rejects is a defect, which ends the
 * sending and comes out where everything is awaited.
 */
export class InFlight {
  #count = 0;
  #most = 0;
  #defect: { readonly error: unknown } | null = null;
  #waiting: (() => void)[] = [];

  get count(): number {
    return this.#count;
  }

  /** The most that there were at once. */
  get most(): number {
    return this.#most;
  }

  get hasDefect(): boolean {
    return this.#defect !== null;
  }

  /** Sends one at once; it counts until its promise settles. */
  start(send: () => Promise<void>): void {
    this.#count += 1;
    this.#most = Math.max(this.#most, this.#count);
    void this.#run(send);
  }

  /** Resolves when the next one ends, or by `wake`. */
  nextEnd(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Ends the waits for the next end. */
  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** Waits until none is under way. Throws the first defect. */
  async drain(): Promise<void> {
    while (this.#count > 0) await this.nextEnd();
    if (this.#defect !== null) throw this.#defect.error;
  }

  async #run(send: () => Promise<void>): Promise<void> {
    try {
      await send();
    } catch (error) {
      this.#defect ??= { error };
    }
    this.#count -= 1;
    this.wake();
  }
}
