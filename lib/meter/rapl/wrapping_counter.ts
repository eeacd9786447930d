import { notReadForTooLong, steppedTooFar } from "./messages.ts";

/** No CPU package and no socket's memory draws more: today's largest are built for a quarter of it. */
export const MOST_W = 2000;

/** The counter is updated about every millisecond, so that a step may hold a little of the time before. */
const SLACK_J = 10;

/** What a look at the counter told. */
export type WrappingLook =
  | { readonly kind: "grown"; readonly energy_j: number }
  /** It cannot be told what was used since the last look; the count begins anew. */
  | { readonly kind: "broken"; readonly why: string };

/**
 * Joules since the first look at a counter in microjoules that falls to zero at its range. Energy is only told where
 * one wrap at most can have happened since the last good look, and where no more came than a machine can use: a
 * counter that fell because it began anew (firmware, sleep) would else give a whole range as a gift.
 */
export class WrappingCounter {
  readonly #rangeUj: number;
  #t = 0;
  #raw: number | null = null;
  #energyUj = 0;

  /** `rangeUj`: the highest value, as `max_energy_range_uj` tells. */
  constructor(rangeUj: number) {
    this.#rangeUj = rangeUj;
  }

  /** A look at the counter, at a time that never runs back. A failed look is simply not added. */
  add(tNs: number, rawUj: number): WrappingLook {
    const before = this.#raw;
    const seconds = (tNs - this.#t) / 1e9;
    this.#t = tNs;
    this.#raw = rawUj;
    if (before === null) return { kind: "grown", energy_j: 0 };
    const deltaUj = rawUj < before ? rawUj - before + this.#rangeUj : rawUj - before;
    const why = this.#doubt(deltaUj, seconds);
    if (why !== null) {
      this.#energyUj = 0;
      return { kind: "broken", why };
    }
    this.#energyUj += deltaUj;
    return { kind: "grown", energy_j: this.#energyUj / 1e6 };
  }

  #doubt(deltaUj: number, seconds: number): string | null {
    if (seconds * MOST_W * 1e6 >= this.#rangeUj) {
      return notReadForTooLong(seconds);
    }
    if (deltaUj < 0 || deltaUj / 1e6 > MOST_W * seconds + SLACK_J) {
      return steppedTooFar(MOST_W);
    }
    return null;
  }
}
