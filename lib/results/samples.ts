/** 8 bytes each: 2 million samples are 16 MB, more than enough for a steady p99. */
const MAX_KEPT = 2_000_000;

/**
 * Collects samples in bounded memory. Above the cap it keeps a uniform random subset (reservoir sampling,
 * Vitter 1985, algorithm R).
 */
export class Samples {
  #values = new Float64Array(256);
  #kept = 0;
  #n = 0;
  readonly #maxKept: number;

  constructor(maxKept: number = MAX_KEPT) {
    this.#maxKept = maxKept;
  }

  /** How many were offered. */
  get n(): number {
    return this.#n;
  }

  get values(): Float64Array {
    return this.#values.subarray(0, this.#kept);
  }

  add(value: number): void {
    this.#n += 1;
    if (this.#kept < this.#maxKept) {
      if (this.#kept === this.#values.length) this.#grow();
      this.#values[this.#kept++] = value;
      return;
    }
    const place = Math.floor(Math.random() * this.#n);
    if (place < this.#maxKept) this.#values[place] = value;
  }

  #grow(): void {
    const larger = new Float64Array(Math.min(this.#maxKept, this.#values.length * 2));
    larger.set(this.#values);
    this.#values = larger;
  }
}
