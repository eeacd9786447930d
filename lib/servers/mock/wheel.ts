import { monotonicMs } from "../../base/clock.ts";

/** What is to happen at a time, on the clock of `monotonicMs`. */
export interface Due {
  due_ms: number;
  /** May add itself again. */
  fire(now_ms: number): void;
}

/** Slots of one millisecond; what is due later than their number waits in its slot for a later round. */
const SLOTS = 1024;
const MASK = SLOTS - 1;
/** With nothing due for long the wheel looks again after this. */
const LONGEST_MS = SLOTS;

/**
 * One timer for all that waits: a timer for each stream would cost more than what it does. Never early; as late as the
 * event loop.
 */
export class Wheel implements Disposable {
  readonly #slots: Due[][] = Array.from({ length: SLOTS }, () => []);
  #turned_ms = Math.floor(monotonicMs());
  #waiting = 0;
  #timer: number | null = null;
  #timer_ms = Infinity;
  #isDisposed = false;
  readonly #turn = (): void => {
    this.#timer = null;
    // What is added meanwhile arms no timer of its own.
    this.#timer_ms = -Infinity;
    this.#run();
    this.#timer_ms = Infinity;
    if (!this.#isDisposed) this.#arm();
  };

  add(due: Due): void {
    const slot_ms = Math.max(Math.ceil(due.due_ms), this.#turned_ms + 1);
    this.#slots[slot_ms & MASK]?.push(due);
    this.#waiting += 1;
    if (slot_ms < this.#timer_ms) this.#armAt(slot_ms);
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#isDisposed = true;
  }

  #run(): void {
    const now_ms = monotonicMs();
    const to_ms = Math.floor(now_ms);
    // After a long sleep of the process one round sees every slot.
    let slot_ms = Math.max(this.#turned_ms + 1, to_ms - SLOTS + 1);
    for (; slot_ms <= to_ms; slot_ms += 1) {
      this.#turned_ms = slot_ms;
      const index = slot_ms & MASK;
      const slot = this.#slots[index] ?? [];
      if (slot.length === 0) continue;
      this.#slots[index] = [];
      this.#waiting -= slot.length;
      for (const due of slot) {
        if (due.due_ms > to_ms) this.add(due);
        else due.fire(now_ms);
      }
    }
  }

  #arm(): void {
    if (this.#waiting === 0) return;
    for (let ahead = 1; ahead <= SLOTS; ahead += 1) {
      if ((this.#slots[(this.#turned_ms + ahead) & MASK]?.length ?? 0) === 0) continue;
      return this.#armAt(this.#turned_ms + ahead);
    }
  }

  #armAt(slot_ms: number): void {
    if (this.#timer_ms <= slot_ms || this.#isDisposed) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer_ms = slot_ms;
    this.#timer = setTimeout(this.#turn, Math.min(LONGEST_MS, Math.max(0, slot_ms - monotonicMs())));
  }
}
