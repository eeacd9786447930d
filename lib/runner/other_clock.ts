import { monotonicNs } from "../base/clock.ts";
import { formatDuration } from "../base/duration.ts";

/** Clocks of one machine that agree do not differ by as much. */
const SLACK_NS = 1_000_000_000n;

/**
 * Finds times that a worker did not take from CLOCK_MONOTONIC: they lie ahead of the moment in which they come, or before
 * its start. Most often it is the time of day, or a clock that went on while the machine slept.
 */
export class OtherClock {
  readonly #nowNs: () => bigint;
  readonly #startNs: bigint;
  /** The clock when it was last asked: asking costs more than a comparison. */
  #askedNs: bigint;
  /** What is wrong with the first such time; null so far. */
  found: string | null = null;

  /** Made when the worker starts. */
  constructor(nowNs: () => bigint = monotonicNs) {
    this.#nowNs = nowNs;
    this.#startNs = nowNs();
    this.#askedNs = this.#startNs;
  }

  look(tNs: bigint): void {
    if (this.found !== null) return;
    if (tNs < this.#startNs - SLACK_NS) {
      this.found = textOf(tNs, `${apart(this.#startNs - tNs)} before the worker was started`);
    } else if (tNs > this.#askedNs) {
      this.#askedNs = this.#nowNs();
      const aheadNs = tNs - this.#askedNs;
      if (aheadNs > SLACK_NS) this.found = textOf(tNs, `${apart(aheadNs)} ahead of now`);
    }
  }
}

function textOf(tNs: bigint, where: string): string {
  return `A time of ${tNs} ns is ${where} on CLOCK_MONOTONIC: it is of another clock. Durations hold; energy cannot be told by it.`;
}

function apart(ns: bigint): string {
  return formatDuration(Number(ns / 1_000_000n) / 1000);
}
