/** The ways in which counters of boards are as wide as they are. */
const WIDTHS = [1n << 32n, 1n << 64n];

/** What a counter says: how far it has come since its first reading, or that it began anew. */
export type CounterStep = { readonly grown: bigint } | { readonly reset: true };

/**
 * Makes a counter of a board one that only grows. One that goes back has wrapped if it was in the last sixteenth of its range
 * and is in the first one now; otherwise it began anew (a reload of the driver, say), and what it would have counted
 * in between is not known: it goes on from where it was.
 */
export class GrowingCounter {
  #last: bigint | null = null;
  #grown = 0n;

  next(raw: bigint): CounterStep {
    const last = this.#last;
    this.#last = raw;
    if (last === null) return { grown: 0n };
    if (raw >= last) {
      this.#grown += raw - last;
      return { grown: this.#grown };
    }
    const width = WIDTHS.find((range) => last < range && last >= range - range / 16n && raw < range / 16n);
    if (width === undefined) return { reset: true };
    this.#grown += raw + width - last;
    return { grown: this.#grown };
  }
}
