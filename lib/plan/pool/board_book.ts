import type { Run } from "../../experiment/run.ts";
import type { BoardSet } from "./pool.ts";
import type { ChainState } from "./chain_book.ts";

interface BoardState {
  /** False once it is lost or held by a process that cannot be killed. */
  usable: boolean;
  /** The run that is on it. */
  run: Run | null;
  /** The chain that is placed on it, between its runs as well. */
  owner: ChainState | null;
  /** It rests until then. */
  freeAtMs: number;
}

/** The boards of a pool: who is on them, whose they are, and until when they rest. */
export class BoardBook {
  readonly #boards: ReadonlyMap<string, BoardState>;
  readonly #sets: (count: number) => readonly BoardSet[];
  readonly #usableSets = new Map<number, readonly BoardSet[]>();
  /** Runs without boards heat the host, which rests after them. */
  #hostFreeAtMs = -Infinity;

  constructor(boards: BoardSet, sets: (count: number) => readonly BoardSet[]) {
    this.#boards = new Map(
      boards.map((board) => [board, { usable: true, run: null, owner: null, freeAtMs: -Infinity }]),
    );
    this.#sets = sets;
  }

  /** The sets of so many boards that can be used, preferred ones first. */
  setsOf(count: number): readonly BoardSet[] {
    if (count === 0) return [[]];
    const known = this.#usableSets.get(count);
    if (known !== undefined) return known;
    const sets = this.#sets(count).filter((set) => set.length === count && this.areUsable(set));
    this.#usableSets.set(count, sets);
    return sets;
  }

  areUsable(boards: BoardSet): boolean {
    return boards.every((board) => this.#boards.get(board)?.usable === true);
  }

  /** Nobody runs on them and they have rested: those of a chain, or the host for a run without boards. */
  haveRested(boards: BoardSet, nowMs: number): boolean {
    if (boards.length === 0) return this.#hostFreeAtMs <= nowMs;
    for (const board of boards) {
      const state = this.#boards.get(board);
      if (state === undefined || state.run !== null || state.freeAtMs > nowMs) return false;
    }
    return true;
  }

  /** How many of them belong to no other chain. */
  countUnowned(boards: BoardSet, chain: ChainState | null): number {
    let n = 0;
    for (const board of boards) {
      const owner = this.#boards.get(board)?.owner ?? null;
      if (owner === null || owner === chain) n++;
    }
    return n;
  }

  /** True where a board that can be used is no chain's. */
  hasUnowned(): boolean {
    for (const { usable, owner } of this.#boards.values()) if (usable && owner === null) return true;
    return false;
  }

  own(boards: BoardSet, chain: ChainState): void {
    for (const state of this.#states(boards)) state.owner = chain;
  }

  disown(boards: BoardSet): void {
    for (const state of this.#states(boards)) state.owner = null;
  }

  hold(boards: BoardSet, run: Run): void {
    for (const state of this.#states(boards)) state.run = run;
  }

  release(boards: BoardSet, freeAtMs: number): void {
    if (boards.length === 0) this.#hostFreeAtMs = freeAtMs;
    for (const state of this.#states(boards)) {
      state.run = null;
      state.freeAtMs = freeAtMs;
    }
  }

  takeAway(boards: BoardSet): void {
    for (const state of this.#states(boards)) state.usable = false;
    this.#usableSets.clear();
  }

  /** When the next rest ends; null where nothing rests. */
  nextRestMs(nowMs: number): number | null {
    let next = this.#hostFreeAtMs > nowMs ? this.#hostFreeAtMs : Infinity;
    for (const { usable, freeAtMs } of this.#boards.values()) {
      if (usable && freeAtMs > nowMs && freeAtMs < next) next = freeAtMs;
    }
    return Number.isFinite(next) ? next : null;
  }

  #states(boards: BoardSet): BoardState[] {
    return boards.map((board) => {
      const state = this.#boards.get(board);
      if (state === undefined) throw new Error(`Cannot find board ${board}: the pool does not have it`);
      return state;
    });
  }
}
