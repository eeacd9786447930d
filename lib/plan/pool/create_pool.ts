/**
 * lib/plan/pool owns which runs are made on which boards, and when: chains, sets of boards, the gate. It is pure, has no clock
 * and starts nothing. See docs/many-gpus.md.
 */
import { type Run, runKey } from "../../experiment/run.ts";
import { BoardBook } from "./board_book.ts";
import type { Chain } from "./chain.ts";
import { ChainBook, type ChainState, isOpen, nextRun } from "./chain_book.ts";
import { Gate } from "./gate.ts";
import { pickNext, type Standing } from "./placing.ts";
import type { BoardSet, ChainDemand, Placement, Pool, PoolEnd, PoolParts } from "./pool.ts";

/** A scheduler of chains on boards. */
export function createPool(parts: PoolParts): Pool {
  return new ChainPool(parts);
}

interface ActiveRun {
  readonly state: ChainState;
  readonly boards: BoardSet;
}

class ChainPool implements Pool {
  readonly #boards: BoardBook;
  readonly #chains = new ChainBook();
  readonly #gate: Gate;
  readonly #earlier: PoolParts["earlier"];
  readonly #active = new Map<string, ActiveRun>();
  #isHalted = false;

  constructor({ mode, quiet, boards, sets, chains, earlier }: PoolParts) {
    this.#boards = new BoardBook(boards, sets);
    this.#gate = new Gate(mode, quiet);
    this.#earlier = earlier;
    this.add(chains);
  }

  add(chains: readonly Chain[]): void {
    for (const chain of chains) this.#enter(this.#chains.add(chain, this.#earlier.get(chain.id) ?? null));
  }

  decide(nowMs: number): readonly Placement[] {
    const placements: Placement[] = [];
    while (this.#mayBegin()) {
      const pick = pickNext(this.#standing(nowMs));
      if (pick === null) break;
      placements.push(this.#begin(pick.state, pick.boards));
    }
    return placements;
  }

  ready(run: Run): readonly Run[] {
    return this.#gate.ready(run);
  }

  measured(run: Run): readonly Run[] {
    return this.#gate.measured(run);
  }

  ended(run: Run, end: PoolEnd, nowMs: number, gapMs: number): readonly Run[] {
    const active = this.#active.get(runKey(run));
    if (active === undefined) return [];
    const { state, boards } = active;
    this.#active.delete(runKey(run));
    state.isBusy = false;
    if (end === "again") state.begun--;
    this.#boards.release(boards, nowMs + gapMs);
    if (!isOpen(state)) {
      this.#boards.disown(boards);
      this.#chains.finish(state);
    } else if (!this.#boards.areUsable(boards)) this.#move(state);
    return this.#gate.leave(run);
  }

  takeAway(boards: BoardSet): void {
    this.#boards.takeAway(boards);
    // Chains of which a run is on them follow when it has ended.
    for (const state of [...this.#chains.placed]) {
      if (state.at !== null && !state.isBusy && !this.#boards.areUsable(state.at)) this.#move(state);
    }
    for (const state of [...this.#chains.waiting()]) this.#recheck(state);
  }

  halt(): void {
    this.#isHalted = true;
  }

  nextMs(nowMs: number): number | null {
    return this.#isHalted ? null : this.#boards.nextRestMs(nowMs);
  }

  hasRoomFor(demand: ChainDemand, nowMs: number): boolean {
    if (!this.#mayBegin()) return false;
    const earlier = this.#earlier.get(demand.id) ?? null;
    const wanted = earlier !== null && this.#canHave(earlier, demand) ? earlier : null;
    if (wanted === null && this.#boards.setsOf(demand.boards).length === 0) return false;
    return this.#chains.withGuest(
      demand,
      wanted,
      (guest) => pickNext(this.#standing(nowMs))?.state === guest,
    );
  }

  left(): readonly { readonly run: Run; readonly impossible: boolean }[] {
    return this.#chains.all.flatMap((state) => {
      const impossible = state.stand === "impossible";
      return state.chain.runs.slice(state.begun).map((run) => ({ run, impossible }));
    });
  }

  #standing(nowMs: number): Standing {
    return { chains: this.#chains, boards: this.#boards, nActive: this.#active.size, nowMs };
  }

  #mayBegin(): boolean {
    if (this.#isHalted || !this.#gate.mayLoad) return false;
    // Whoever is exclusive is alone.
    const [first] = this.#active.values();
    return first === undefined || !first.state.chain.exclusive;
  }

  #begin(state: ChainState, boards: BoardSet): Placement {
    const run = nextRun(state);
    if (state.at === null) {
      this.#chains.place(state, boards);
      this.#boards.own(boards, state);
    }
    state.begun++;
    state.isBusy = true;
    this.#boards.hold(boards, run);
    this.#active.set(runKey(run), { state, boards });
    this.#gate.begin(run);
    return { run, chain: state.chain, boards, split: state.isSplit };
  }

  /** A chain that has not been anywhere waits for boards, for its earlier ones where it can have them. */
  #enter(state: ChainState): void {
    const { wanted, chain } = state;
    if (wanted !== null && !this.#canHave(wanted, chain)) {
      [state.wanted, state.isSplit] = [null, true];
    }
    this.#waitOrGiveUp(state);
  }

  #canHave(wanted: BoardSet, { boards }: ChainDemand): boolean {
    return wanted.length === boards && this.#boards.areUsable(wanted);
  }

  /** A chain that has lost a board gives the others back, and goes on elsewhere. */
  #move(state: ChainState): void {
    this.#boards.disown(state.at ?? []);
    state.isSplit ||= state.begun > 0 || state.isResumed;
    this.#waitOrGiveUp(state);
  }

  /** Boards are gone: what waits for them takes others, where there are any. */
  #recheck(state: ChainState): void {
    if (state.wanted !== null && !this.#boards.areUsable(state.wanted)) {
      this.#chains.wantAny(state);
      state.isSplit = true;
    }
    if (state.wanted === null && this.#boards.setsOf(state.chain.boards).length === 0) {
      this.#chains.giveUp(state);
    }
  }

  #waitOrGiveUp(state: ChainState): void {
    if (state.wanted === null && this.#boards.setsOf(state.chain.boards).length === 0) {
      this.#chains.giveUp(state);
    } else this.#chains.wait(state);
  }
}
