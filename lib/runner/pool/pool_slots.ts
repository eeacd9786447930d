import type { BoardSet, Placement } from "../../plan/pool/pool.ts";
import type { Slot } from "../lifetimes.ts";
import type { BoardPool } from "./board_pool.ts";

/** The slots of a pool: each is made once for its set of boards, and kept from run to run. */
export class PoolSlots {
  readonly #pool: Pick<BoardPool, "boards" | "slotOf">;
  readonly #known = new Map<string, { readonly boards: BoardSet; readonly slot: Slot }>();

  constructor(pool: Pick<BoardPool, "boards" | "slotOf">) {
    this.#pool = pool;
  }

  of(boards: BoardSet): Slot {
    const slot = this.#known.get(keyOf(boards))?.slot ?? this.#pool.slotOf(boards);
    this.#known.set(keyOf(boards), { boards, slot });
    return slot;
  }

  /** The place of its first board in the pool, which is no other run's. */
  numberOf(boards: BoardSet): number {
    return Math.max(0, this.#pool.boards.indexOf(boards[0] ?? ""));
  }

  /** Ends the server of a slot that waits for its next run. */
  async endServer(boards: BoardSet): Promise<void> {
    await this.#known.get(keyOf(boards))?.slot.servers?.end();
  }

  /**
   * The same of other slots before a run: a server that waits is there, too, beside a run that is to be alone or, where its chain
   * has lost another board meanwhile, on a board that is this run's now.
   */
  async endServersBeside({ chain, boards }: Pick<Placement, "chain" | "boards">): Promise<void> {
    for (const [key, { boards: others, slot }] of this.#known) {
      if (key === keyOf(boards)) continue;
      if (chain.exclusive || boards.some((board) => others.includes(board))) await slot.servers?.end();
    }
  }

  /** The same of all slots. One that does not end well keeps no other from its end; throws what the first of them threw. */
  async endServers(): Promise<void> {
    const errors: unknown[] = [];
    for (const { slot } of this.#known.values()) {
      await slot.servers?.end().catch((error) => errors.push(error));
    }
    if (errors.length > 0) throw errors[0];
  }
}

function keyOf(boards: BoardSet): string {
  return boards.join(" ");
}
