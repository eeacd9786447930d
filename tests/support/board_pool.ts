/** A pool of boards that are only names: what runs on them are real processes, and nothing is metered. */
import type { Run } from "../../lib/experiment/run.ts";
import { MemoryGate } from "../../lib/metering/memory_gate.ts";
import { type Metering, unmetered } from "../../lib/metering/metering.ts";
import type { Plan } from "../../lib/plan/plan.ts";
import type { Chain, RunDemand } from "../../lib/plan/pool/chain.ts";
import { chainsOf } from "../../lib/plan/pool/chains.ts";
import type { BoardSet, PoolMode } from "../../lib/plan/pool/pool.ts";
import type { ChainFeed } from "../../lib/runner/chain_feed.ts";
import type { ReadySource } from "../../lib/runner/run_source.ts";
import type { BoardPool } from "../../lib/runner/pool/board_pool.ts";
import { ServerLeases } from "../../lib/servers/leases.ts";
import type { QuarantinedProcess } from "../../lib/storage/device_lock.ts";

/** What a test wants of a pool. */
export interface PoolDraft {
  readonly boards: number;
  readonly mode?: PoolMode;
  readonly quiet?: boolean;
  readonly demandOf?: (run: Run) => RunDemand;
  readonly earlier?: ReadonlyMap<string, BoardSet>;
  /** Where runs are made; left out for the whole machine. */
  readonly placeOf?: BoardPool["placeOf"];
  /** What meters a set of boards; nothing unless given. */
  readonly meteringOf?: (set: BoardSet) => Metering;
  /** Boards that are lost when it is told to lose them. */
  readonly losses?: Losses;
  /** Where its runs come from; the plan unless given. */
  readonly source?: ReadySource;
  /** What hands out its chains; those of the source unless given. */
  readonly feed?: ChainFeed;
  readonly onSharing?: BoardPool["onSharing"];
  /** The server of a set of boards; none unless given. */
  readonly serversOf?: (set: BoardSet) => ServerLeases;
  /** Hears of boards that are quarantined. */
  readonly onQuarantine?: (boards: BoardSet, by: QuarantinedProcess) => void;
}

/** Boards of a pool that a test takes away. */
export class Losses {
  readonly #lost = new Map<string, AbortController>();
  readonly #listeners: ((board: string) => void)[] = [];

  lose(board: string): void {
    for (const listener of this.#listeners) listener(board);
    this.of(board).abort();
  }

  of(board: string): AbortController {
    const lost = this.#lost.get(board) ?? new AbortController();
    this.#lost.set(board, lost);
    return lost;
  }

  listen(listener: (board: string) => void): void {
    this.#listeners.push(listener);
  }
}

/** A pool of boards `b0`, `b1` ..., and how runs become its chains. */
export function boardPool(
  plan: Plan,
  { boards: count, mode = "staged", quiet = false, losses = new Losses(), ...draft }: PoolDraft,
): BoardPool & { readonly chainsOf: (runs: readonly Run[]) => readonly Chain[] } {
  const boards = Array.from({ length: count }, (_, index) => `b${index}`);
  const demandOf = draft.demandOf ?? (() => ({ boards: 1, exclusive: false }));
  const sets = (size: number): BoardSet[] =>
    size === 0
      ? [[]]
      : Array.from({ length: Math.floor(count / size) }, (_, n) => boards.slice(n * size, (n + 1) * size));
  const meteringOf = draft.meteringOf ?? ((set: BoardSet): Metering => {
    const [first] = set;
    const { signal } = first === undefined ? new AbortController() : losses.of(first);
    return { ...unmetered("a test without a meter"), loss: { signal, text: `${first} is gone` } };
  });
  return {
    mode,
    quiet,
    boards,
    sets,
    earlier: draft.earlier ?? new Map(),
    chainsOf: (runs) => chainsOf(runs, demandOf, plan.execution.pair_by),
    slotOf: (set) => ({
      devices: set,
      metering: meteringOf(set),
      memory: new MemoryGate([], () => Promise.resolve(null)),
      servers: draft.serversOf?.(set) ?? new ServerLeases(),
      quarantine: (by) => draft.onQuarantine?.(set, by),
    }),
    placeOf: draft.placeOf ?? ((slot) => ({ mode, slot, cpus: null, numa: null, env: {} })),
    chains: () => chainsOf(plan.runs, demandOf, plan.execution.pair_by),
    ...draft.onSharing === undefined ? {} : { onSharing: draft.onSharing },
    onLoss: (listener) => losses.listen(listener),
  };
}
