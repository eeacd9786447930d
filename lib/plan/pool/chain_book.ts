import type { Run } from "../../experiment/run.ts";
import type { Chain } from "./chain.ts";
import type { BoardSet, ChainDemand } from "./pool.ts";

/** A chain and how far it is. */
export interface ChainState {
  readonly chain: Chain;
  /** How many runs it has. */
  readonly nRuns: number;
  /** Older chains have smaller ones. */
  readonly age: number;
  /** `new`: not yet looked at; `through`: all of its runs are over; `impossible`: no boards of its shape are left. */
  stand: "new" | "waiting" | "placed" | "through" | "impossible";
  /** Where it is placed; null while it waits for boards. */
  at: BoardSet | null;
  /** Where it waits to go, since its earlier runs were made there; null where any set will do. */
  wanted: BoardSet | null;
  /** Earlier runs of it were made before this pool was. */
  readonly isResumed: boolean;
  /** Its earlier runs were made on boards that it cannot have any more. */
  isSplit: boolean;
  /** How many of its runs have begun. */
  begun: number;
  /** One of them is being made. */
  isBusy: boolean;
}

/** True where it has runs that have not begun. */
export function isOpen({ begun, nRuns }: ChainState): boolean {
  return begun < nRuns;
}

/** The run of an open chain that is next. */
export function nextRun({ begun, chain }: ChainState): Run {
  const run = chain.runs[begun];
  if (run === undefined) throw new Error(`Cannot go on with chain ${chain.id}: all of its runs have begun`);
  return run;
}

/** The chains of a pool by where they stand. */
export class ChainBook {
  /** By age. */
  readonly #all: ChainState[] = [];
  /** By age, each until its last run is over. */
  readonly #placed: ChainState[] = [];
  /** No older chain waits for boards. */
  #firstWaiting = 0;
  /** How many of those that wait may go to any set of their size, beside others, by size. */
  readonly #plainWaiting = new Map<number, number>();
  /** How many of them, beside others, wait for a set that they had. */
  #nChoosy = 0;

  get all(): readonly ChainState[] {
    return this.#all;
  }

  get placed(): readonly ChainState[] {
    return this.#placed;
  }

  /** By age: those that wait for boards. */
  *waiting(): Generator<ChainState> {
    for (let age = this.#firstWaiting; age < this.#all.length; age++) {
      const state = this.#all[age];
      if (state?.stand === "waiting") yield state;
    }
  }

  /** True where none of the waiting chains could take any set of another size than these; choosy ones are told apart. */
  areAllOfSizes(sizes: ReadonlySet<number>, nChoosySeen: number): boolean {
    if (nChoosySeen < this.#nChoosy) return false;
    for (const [size, n] of this.#plainWaiting) if (n > 0 && !sizes.has(size)) return false;
    return true;
  }

  add(chain: Chain, wanted: BoardSet | null): ChainState {
    const state = newState(chain, this.#all.length, wanted);
    this.#all.push(state);
    return state;
  }

  /** The oldest chain with runs that have not begun and that boards could be found for; null where there is none. */
  oldestOpen(): ChainState | null {
    const placed = this.#placed.find(isOpen) ?? null;
    const waiting = this.#oldestWaiting();
    if (placed === null || waiting === null) return placed ?? waiting;
    return placed.age < waiting.age ? placed : waiting;
  }

  place(state: ChainState, at: BoardSet): void {
    this.#leave(state);
    [state.stand, state.at, state.wanted] = ["placed", at, null];
    const older = this.#placed.findLastIndex(({ age }) => age < state.age);
    this.#placed.splice(older + 1, 0, state);
  }

  /** It needs boards (again). */
  wait(state: ChainState): void {
    this.#leave(state);
    state.stand = "waiting";
    if (state.age < this.#firstWaiting) this.#firstWaiting = state.age;
    this.#count(state, 1);
  }

  /** Its last run is over. */
  finish(state: ChainState): void {
    this.#leave(state);
    state.stand = "through";
  }

  /** No boards of its shape are left. */
  giveUp(state: ChainState): void {
    this.#leave(state);
    state.stand = "impossible";
  }

  /** A waiting chain that may go anywhere from now on. */
  wantAny(state: ChainState): void {
    this.#count(state, -1);
    state.wanted = null;
    this.#count(state, 1);
  }

  /** What is so while such a chain waits as the youngest; it is gone afterwards. */
  withGuest<T>(demand: ChainDemand, wanted: BoardSet | null, ask: (guest: ChainState) => T): T {
    const guest = { ...this.add({ ...demand, cycle: 0, runs: [] }, wanted), nRuns: 1 };
    this.#all[guest.age] = guest;
    this.wait(guest);
    try {
      return ask(guest);
    } finally {
      this.#leave(guest);
      this.#all.pop();
    }
  }

  #oldestWaiting(): ChainState | null {
    for (; this.#firstWaiting < this.#all.length; this.#firstWaiting++) {
      const state = this.#all[this.#firstWaiting];
      if (state?.stand === "waiting") return state;
    }
    return null;
  }

  #leave(state: ChainState): void {
    if (state.stand === "waiting") this.#count(state, -1);
    if (state.stand === "placed") this.#placed.splice(this.#placed.indexOf(state), 1);
    state.at = null;
  }

  #count({ chain, wanted }: ChainState, by: number): void {
    if (chain.exclusive) return;
    if (wanted !== null) this.#nChoosy += by;
    else this.#plainWaiting.set(chain.boards, (this.#plainWaiting.get(chain.boards) ?? 0) + by);
  }
}

function newState(chain: Chain, age: number, wanted: BoardSet | null): ChainState {
  return {
    chain,
    nRuns: chain.runs.length,
    age,
    stand: "new",
    at: null,
    wanted,
    isResumed: wanted !== null,
    isSplit: false,
    begun: 0,
    isBusy: false,
  };
}
