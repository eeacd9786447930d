import { MAX_SAMPLES } from "../protocol/bounds.ts";

/** Room that the first sample makes; an attempt without requests needs none. */
const FIRST_KEPT = 256;

/**
 * Collects samples in bounded memory. Above the cap it keeps a uniform random subset (reservoir sampling, Li 1994,
 * algorithm L: it draws how many samples to pass over, not for each one whether to keep it).
 */
export class Samples {
  #values = new Float64Array(0);
  #kept = 0;
  #n = 0;
  readonly #maxKept: number;
  /** Samples to pass over before the next one that is kept; counts once the cap is reached. */
  #toSkip = 0;
  /** What of the chance to be kept is left: the largest of `maxKept` random numbers, and so on (W in the paper). */
  #weight = 1;

  constructor(maxKept: number = MAX_SAMPLES) {
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
      if (this.#kept === this.#maxKept) this.#drawSkip();
      return;
    }
    if (this.#toSkip > 0) {
      this.#toSkip -= 1;
      return;
    }
    this.#values[Math.floor(Math.random() * this.#maxKept)] = value;
    this.#drawSkip();
  }

  /** Adds all of them; those to be passed over cost nothing. */
  addAll(values: readonly number[]): void {
    for (let at = 0; at < values.length; at++) {
      if (this.#kept === this.#maxKept) {
        const passed = Math.min(this.#toSkip, values.length - at);
        this.#toSkip -= passed;
        this.#n += passed;
        at += passed;
      }
      const value = values[at];
      if (value !== undefined) this.add(value);
    }
  }

  #drawSkip(): void {
    this.#weight *= Math.exp(Math.log(random()) / this.#maxKept);
    this.#toSkip = Math.floor(Math.log(random()) / Math.log1p(-this.#weight));
  }

  #grow(): void {
    const larger = new Float64Array(Math.min(this.#maxKept, Math.max(FIRST_KEPT, this.#values.length * 2)));
    larger.set(this.#values);
    this.#values = larger;
  }
}

/** In (0, 1): its logarithm is finite. */
function random(): number {
  return Math.random() || Number.MIN_VALUE;
}
