import type { MeterMessage, SelfMessage } from "./sample.ts";

/** The meter's own share of one CPU core, between what it told of itself first and last. */
export class CpuShare {
  #first: SelfMessage | null = null;
  #last: SelfMessage | null = null;

  take(message: MeterMessage): void {
    if (message.type !== "self") return;
    this.#first ??= message;
    this.#last = message;
  }

  /** Null where that is too short to tell. */
  get share(): number | null {
    if (this.#first === null || this.#last === null || this.#first === this.#last) return null;
    return (this.#last.cpu_s - this.#first.cpu_s) / ((this.#last.t_ns - this.#first.t_ns) / 1e9);
  }
}
