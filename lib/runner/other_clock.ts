import { monotonicNs } from "../base/clock.ts";
import { timeOfOtherClock } from "./messages.ts";

/** Clocks of one machine that agree do not differ by as much. */
const SLACK_NS = 1_000_000_000n;

/**
 * Finds times that a worker did not take from CLOCK_MONOTONIC: they lie ahead of the moment in which they come. Most often
 * it is the time of day, or a clock that went on while the machine slept.
 */
export class OtherClock {
  readonly #nowNs: () => bigint;
  /** The clock when it was last asked: asking costs more than a comparison. */
  #askedNs: bigint;
  /** What is wrong with the first such time; null so far. */
  found: string | null = null;

  constructor(nowNs: () => bigint = monotonicNs) {
    this.#nowNs = nowNs;
    this.#askedNs = nowNs();
  }

  look(tNs: bigint): void {
    if (tNs <= this.#askedNs || this.found !== null) return;
    this.#askedNs = this.#nowNs();
    const aheadNs = tNs - this.#askedNs;
    if (aheadNs > SLACK_NS) this.found = timeOfOtherClock(tNs, Number(aheadNs / 1_000_000n));
  }
}
