import type { Beat } from "./beats.ts";
import type { Claim } from "./claims.ts";

/** What an observer sees of the others. All of it is a hint: that each run has one end carries correctness. */
export interface LivenessParts {
  readonly leaseMs: number;
  /** A clock that never steps, of this machine alone. */
  readonly nowMs: () => number;
  /** Null where there is none; throws where the file cannot be read now. */
  readonly beatOf: (agent: string) => Beat | null;
  /** True where it is known that its process has ended. */
  readonly isGone: (agent: string) => boolean;
}

/** Why an agent's claims are free. */
export type Loss = "left" | "gone" | "silent";

interface Seen {
  readonly count: number | null;
  readonly sinceMs: number;
}

/**
 * Tells which agents are lost, by this observer's own clock: those that have left, whose process is gone, or whose number has
 * not changed for a lease. Clocks of two machines are never compared.
 */
export class Liveness {
  readonly #parts: LivenessParts;
  readonly #seen = new Map<string, Seen>();

  constructor(parts: LivenessParts) {
    this.#parts = parts;
  }

  /** Null while the agent may live. An agent without a name is one whose claim was cut off, or is in the making. */
  lossOf(agent: string | null, claim: Pick<Claim, "of" | "generation"> | null = null): Loss | null {
    const { leaseMs, nowMs, beatOf, isGone } = this.#parts;
    const key = agent ?? `${claim?.of}.g${claim?.generation}`;
    let beat: Beat | null;
    try {
      beat = agent === null ? null : beatOf(agent);
    } catch {
      // Cut off ourselves: nothing was seen, so nobody was silent.
      this.#seen.delete(key);
      return null;
    }
    if (beat?.state === "left") return "left";
    if (agent !== null && isGone(agent)) return "gone";
    const count = beat?.count ?? null;
    const seen = this.#seen.get(key);
    if (seen === undefined || seen.count !== count) {
      this.#seen.set(key, { count, sinceMs: nowMs() });
      return null;
    }
    return nowMs() - seen.sinceMs > leaseMs ? "silent" : null;
  }

  /** Milliseconds for which the agent's number has not changed, as far as was looked; null where it was not looked at. */
  silentMs(agent: string): number | null {
    const seen = this.#seen.get(agent);
    return seen === undefined ? null : this.#parts.nowMs() - seen.sinceMs;
  }
}
