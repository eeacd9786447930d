import type { Outbox } from "./outbox.ts";
import type { Prompt } from "./prompts.ts";

/** Tells people how far a phase is, in tokens taken in and given out. Quiet between posts that are due. */
export class Progress {
  readonly #outbox: Outbox;
  readonly #note: string | undefined;
  #done = 0;
  #total: number;

  constructor(outbox: Outbox, prompts: readonly Prompt[], note?: string) {
    this.#outbox = outbox;
    this.#note = note;
    this.#total = prompts.reduce((sum, { tokens, maxOutput }) => sum + tokens.length + maxOutput, 0);
  }

  add(tokens: number, nowNs: bigint): void {
    this.#done += tokens;
    if (!this.#outbox.isDue(nowNs)) return;
    const note = this.#note === undefined ? {} : { note: this.#note };
    const [done, total] = [Math.min(this.#done, this.#total), this.#total];
    this.#outbox.queue({ type: "progress", done, total, unit: "tokens", ...note });
    this.#outbox.flush(nowNs);
  }

  /** Takes tokens out of the total that will never come. */
  forget(tokens: number): void {
    this.#total -= tokens;
  }
}
