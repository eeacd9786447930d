import { formatNumber } from "../base/text.ts";

/** How far a phase is, as a worker says it. */
export interface ToldProgress {
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  readonly note: string | null;
}

/** A rate over less time jumps from one look to the next. */
const LEAST_RATE_MS = 1000;

/**
 * The progress of one pass over the work, and its rate. A count that falls back, or another unit, begins a pass. The rate
 * is that up to the last step forward: while a worker says nothing it stays as it is, and the next pass has its own.
 */
export class PassProgress {
  #told: ToldProgress | null = null;
  #since = { done: 0, ms: 0 };
  #forward = { done: 0, ms: 0 };

  /** Forgets everything: another phase has begun. */
  clear(): void {
    this.#told = null;
  }

  take(told: ToldProgress, nowMs: number): void {
    const { done, unit } = told;
    const goesOn = this.#told?.unit === unit && done >= this.#told.done;
    if (!goesOn) this.#since = { done, ms: nowMs };
    if (!goesOn || done > this.#forward.done) this.#forward = { done, ms: nowMs };
    this.#told = told;
  }

  /** `3/8 requests`; null before the worker has said anything. */
  get count(): string | null {
    return this.#told === null ? null : `${this.#told.done}/${this.#told.total} ${this.#told.unit}`;
  }

  /** `1.5 requests/s`; null while the pass has moved for less than a second. */
  get rate(): string | null {
    const movedMs = this.#forward.ms - this.#since.ms;
    if (this.#told === null || movedMs < LEAST_RATE_MS) return null;
    const rate = (this.#forward.done - this.#since.done) / (movedMs / 1000);
    return rate > 0 ? `${formatNumber(rate)} ${this.#told.unit}/s` : null;
  }

  get note(): string | null {
    return this.#told?.note ?? null;
  }
}
