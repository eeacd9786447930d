import type { JsonObject } from "../../base/json.ts";
import { type Claim, Claims } from "../../cluster/claims.ts";
import { Ends } from "../../cluster/ends.ts";
import type { Liveness } from "../../cluster/liveness.ts";
import type { SharedFiles } from "../../cluster/shared_files.ts";
import { type Run, runKey } from "../../experiment/run.ts";
import type { Chain } from "../../plan/pool/chain.ts";
import type { ChainFeed, FedChain, Room } from "../../runner/chain_feed.ts";
import type { RunEnds } from "../../runner/lifetimes.ts";

export interface ClaimFeedParts {
  readonly files: SharedFiles;
  readonly agent: string;
  readonly liveness: Pick<Liveness, "lossOf">;
  readonly chains: readonly Chain[];
  readonly leaseMs: number;
  readonly nowMs: () => number;
  /** The rounds after which runs are made again, by their keys: of those that failed or whose result is gone. Mostly none. */
  readonly again: ReadonlyMap<string, number>;
  /** Runs that need not be made, by their keys: also those of which a journal knows the end and the folder of ends does not. */
  readonly over?: ReadonlySet<string>;
  /** False where a run cannot end before this agent has to. */
  readonly fits: (run: Run) => boolean;
}

/** Why an agent got no chain any more. */
export type FeedEnd =
  /** Every run has an end. */
  | { readonly kind: "over" }
  /** Others are at work on what is left: chains and who has them. */
  | { readonly kind: "others"; readonly held: readonly Claim[] }
  /** What is left takes more boards than there are here. */
  | { readonly kind: "no_room" }
  /** What is left does not fit into the time that this agent has. */
  | { readonly kind: "no_time" }
  /** What is left was given up here. */
  | { readonly kind: "left" };

/**
 * The chains of a study that agents share, one after the other: one that nobody has, or whose agent is lost. Once an agent has
 * nothing in hand, it waits for one lease at most to see whether those that hold what is left are still there.
 */
export class ClaimFeed implements ChainFeed {
  /** Decides who has made a run that several have made. */
  readonly ends: RunEnds = {
    take: (run, finished) => {
      const isEnd = this.#ends.take(run, this.#roundOf(run), finished as unknown as JsonObject);
      this.#ended.add(runKey(run));
      return isEnd;
    },
    has: (run) => this.#hasEnded(run),
  };
  readonly #parts: ClaimFeedParts;
  readonly #claims: Claims;
  readonly #ends: Ends;
  /** Runs that are known to have ended: an end is never taken back. */
  readonly #ended: Set<string>;
  /** Chains all of whose runs have ended: they are never looked at again. */
  readonly #over = new Set<string>();
  /** What this agent has in hand, and what it is through with. */
  readonly #held = new Map<string, Claim>();
  readonly #done = new Map<string, Claim>();
  #waitsSinceMs: number | null = null;
  #end: FeedEnd | null = null;

  constructor(parts: ClaimFeedParts) {
    this.#parts = parts;
    this.#ended = new Set(parts.over);
    this.#claims = new Claims(parts.files, parts.agent);
    this.#ends = new Ends(parts.files, parts.agent);
  }

  /** Why there was nothing any more; null while there may be. */
  get end(): FeedEnd | null {
    return this.#end;
  }

  take(roomFor: (chain: Chain) => Room): FedChain {
    const { leaseMs, nowMs } = this.#parts;
    const others: Claim[] = [];
    let [isLate, isWithoutRoom, isTooLarge, isLeft] = [false, false, false, false];
    for (const chain of this.#parts.chains) {
      if (this.#over.has(chain.id) || this.#held.has(chain.id)) continue;
      const last = this.#claims.last(chain.id);
      const isOthers = last !== null && last.agent !== this.#parts.agent;
      if (isOthers && this.#parts.liveness.lossOf(last.agent, last) === null) {
        // Its last run is made last: most chains are told from one look.
        if (!this.#isOver(chain, "last")) others.push(last);
        continue;
      }
      if (this.#isOver(chain, "first")) continue;
      if (last !== null && this.#done.get(chain.id)?.generation === last.generation) {
        // What is left of it was given up here, or came too late.
        if (this.#openRuns(chain).every(this.#parts.fits)) isLeft = true;
        else isLate = true;
      } else if (!this.#firstFits(chain)) isLate = true;
      else {
        const room = roomFor(chain);
        if (room === "never") isTooLarge = true;
        else if (room === "later") isWithoutRoom = true;
        if (room !== "now") continue;
        const claim = this.#claims.take(chain.id, last);
        if (claim === null) {
          others.push(last ?? { of: chain.id, generation: 1, agent: null });
          continue;
        }
        this.#held.set(chain.id, claim);
        this.#waitsSinceMs = null;
        return { kind: "chain", chain: { ...chain, runs: this.#openRuns(chain) } };
      }
    }
    const ms = Math.min(Math.max(leaseMs / POLLS_A_LEASE, 20), 5000);
    if (this.#held.size > 0 || isWithoutRoom) {
      this.#waitsSinceMs = null;
      return others.length > 0 || isWithoutRoom ? { kind: "wait", ms } : { kind: "none" };
    }
    if (others.length > 0) {
      this.#waitsSinceMs ??= nowMs();
      // A little longer than a lease: whoever was first looked at now is lost only after one.
      if (nowMs() - this.#waitsSinceMs <= leaseMs + 2 * ms) return { kind: "wait", ms };
      this.#end = { kind: "others", held: others };
    } else this.#end = { kind: isTooLarge ? "no_room" : isLate ? "no_time" : isLeft ? "left" : "over" };
    return { kind: "none" };
  }

  done(chain: Chain): void {
    const claim = this.#held.get(chain.id);
    if (claim === undefined) return;
    this.#held.delete(chain.id);
    this.#done.set(chain.id, claim);
    this.#isOver(chain, "first");
  }

  mayBegin(run: Run, chain: Chain): boolean {
    const claim = this.#held.get(chain.id);
    return claim !== undefined && this.#claims.holds(claim) && this.#parts.fits(run) && !this.#hasEnded(run);
  }

  #roundOf(run: Run): number {
    return (this.#parts.again.get(runKey(run)) ?? 0) + 1;
  }

  #hasEnded(run: Run): boolean {
    const key = runKey(run);
    if (this.#ended.has(key)) return true;
    if ((this.#ends.last(run)?.round ?? 0) < this.#roundOf(run)) return false;
    this.#ended.add(key);
    return true;
  }

  #openRuns(chain: Chain): Run[] {
    return chain.runs.filter((run) => !this.#hasEnded(run));
  }

  #firstFits(chain: Chain): boolean {
    const first = chain.runs.find((run) => !this.#hasEnded(run));
    return first === undefined || this.#parts.fits(first);
  }

  /** Beginning with the run that is likely to be the one without an end. */
  #isOver({ id, runs }: Chain, likely: "first" | "last"): boolean {
    const ordered = likely === "first" ? runs : runs.toReversed();
    if (!ordered.every((run) => this.#hasEnded(run))) return false;
    this.#over.add(id);
    return true;
  }
}

/** How often a waiting agent looks for what has become free. */
const POLLS_A_LEASE = 12;
