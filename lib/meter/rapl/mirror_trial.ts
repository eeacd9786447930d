/** Intervals shorter than that are not judged: reading two counters takes time, too. */
const LEAST_S = 0.5;
/** The counters are updated about every millisecond, so that two looks at one may lie an update apart. */
const UPDATE_S = 0.002;
/** Less than that says nothing: two counters that stand still are equal. */
const LEAST_UJ = 50_000;
/** Equal intervals in a row that convict, where the counters themselves are equal, too. */
const EQUAL_VALUES = 5;
/** The same where only their growth is equal: two idle sockets can be close for a while. */
const EQUAL_GROWTH = 30;

/** Two counters, looked at one right after the other. */
export interface PairLook {
  /** When the first was read, and when the second. */
  readonly t_ns: readonly [number, number];
  readonly uj: readonly [number, number];
}

/**
 * Whether two counters are one that shows twice, as on AMD CPUs whose dies all tell the energy of the socket. One
 * interval in which they grow differently acquits for good; several equal ones in a row convict.
 */
export class MirrorTrial {
  readonly #rangeUj: number;
  #last: PairLook | null = null;
  #equal = 0;
  #verdict: "open" | "distinct" | "mirror" = "open";

  constructor(rangeUj: number) {
    this.#rangeUj = rangeUj;
  }

  get verdict(): "open" | "distinct" | "mirror" {
    return this.#verdict;
  }

  /** True where another look would tell something. */
  wants(tNs: number): boolean {
    return this.#verdict === "open" && (this.#last === null || tNs - this.#last.t_ns[0] >= LEAST_S * 1e9);
  }

  see(look: PairLook): void {
    const last = this.#last;
    this.#last = look;
    if (last === null || this.#verdict !== "open") return;
    const [a, b] = [this.#growth(last.uj[0], look.uj[0]), this.#growth(last.uj[1], look.uj[1])];
    const larger = Math.max(a, b);
    // Without a range a wrap makes growth unknown.
    if (larger < LEAST_UJ || larger === Infinity) return;
    const seconds = (look.t_ns[0] - last.t_ns[0]) / 1e9;
    const tolerance = larger / seconds * (UPDATE_S + Math.max(apartS(last), apartS(look)));
    if (Math.abs(a - b) > tolerance) this.#verdict = "distinct";
    else this.#equal += 1;
    const sameValue = Math.abs(look.uj[0] - look.uj[1]) <= tolerance;
    if (this.#equal >= (sameValue ? EQUAL_VALUES : EQUAL_GROWTH)) this.#verdict = "mirror";
  }

  #growth(before: number, now: number): number {
    return now < before ? now - before + this.#rangeUj : now - before;
  }
}

/** Seconds between the readings of the two counters. */
function apartS({ t_ns: [first, second] }: PairLook): number {
  return (second - first) / 1e9;
}
