/** Edges one at a time: a flood of windows is no flood of edges. */
export class Edges {
  readonly #ask: () => Promise<void>;
  #again = false;
  #isBusy = false;
  /** Resolves when everything that was asked for so far has been answered. */
  done: Promise<void> = Promise.resolve();

  constructor(ask: () => Promise<void>) {
    this.#ask = ask;
  }

  /** Asked while one is under way, it is done once more afterwards. */
  ask(): void {
    this.#again = true;
    if (!this.#isBusy) this.done = this.#answer();
  }

  async #answer(): Promise<void> {
    this.#isBusy = true;
    while (this.#again) {
      this.#again = false;
      await this.#ask();
    }
    this.#isBusy = false;
  }
}
