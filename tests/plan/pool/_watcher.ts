/**
 * Watches a scheduler from outside and holds it to the twelve invariants, by their numbers in the texts of what it throws. It
 * knows what the scheduler was told and what it answered, and nothing of how it works.
 */
import { type Run, runKey } from "../../../lib/experiment/run.ts";
import type { Chain } from "../../../lib/plan/pool/chain.ts";
import type { BoardSet, Placement } from "../../../lib/plan/pool/pool.ts";
import { alignedSets, type MadeStudy } from "./_studies.ts";

/** Younger chains that may take boards beside those that the oldest waits for; in 120,000 studies there were 8 at most. */
const MOST_BYPASSES = 12;

/** What a chain has been through in this session. */
interface ChainView {
  readonly chain: Chain;
  readonly age: number;
  /** Runs that have not begun. */
  left: number;
  at: BoardSet | null;
  isBusy: boolean;
  /** Where its runs that are over were made, in this session or before. */
  was: BoardSet | null;
  isSplit: boolean;
  /** Younger chains that were placed while it was the oldest and waited for boards. */
  bypassed: number;
}

interface ActiveView {
  readonly view: ChainView;
  readonly boards: BoardSet;
  step: "loading" | "waiting" | "measuring" | "closing";
}

export class Watcher {
  readonly active = new Map<string, ActiveView>();
  readonly chains: ChainView[] = [];
  readonly #study: MadeStudy;
  readonly #setsOf: (count: number) => readonly BoardSet[];
  readonly #dead: Set<string>;
  readonly #earlier: ReadonlyMap<string, BoardSet>;
  /** Until when boards rest; the host by an empty name. */
  readonly #restsUntil = new Map<string, number>();
  readonly #queue: string[] = [];
  isHalted = false;
  worstBypass = 0;
  n_splits = 0;

  constructor(study: MadeStudy, dead: Set<string>, earlier: ReadonlyMap<string, BoardSet>) {
    [this.#study, this.#dead, this.#earlier] = [study, dead, earlier];
    const sets = alignedSets(study.boards);
    const known = new Map<number, readonly BoardSet[]>();
    this.#setsOf = (count) => {
      if (count === 0) return [[]];
      const found = known.get(count) ?? sets(count);
      known.set(count, found);
      return found.filter((set) => this.#areAlive(set));
    };
  }

  add(chains: readonly Chain[]): void {
    for (const chain of chains) {
      const was = this.#earlier.get(chain.id) ?? null;
      const view = { chain, age: this.chains.length, left: chain.runs.length, at: null, isBusy: false };
      this.chains.push({ ...view, was, isSplit: was !== null && !this.#areAlive(was), bypassed: 0 });
    }
  }

  begin({ run, chain, boards, split }: Placement, nowMs: number): void {
    const view = this.chains.find((one) => one.chain.id === chain.id);
    if (view === undefined) throw new Error(`chain ${chain.id} is not one of the pool`);
    check(!this.isHalted, "8: a run began after a halt");
    check(boards.length === chain.boards, "1: wrong number of boards");
    check(!this.active.has(runKey(run)), "2: a run began twice");
    this.#checkBoards(boards, nowMs);
    this.#checkAlone(chain);
    this.#checkChain(view, run, { boards, split });
    check(
      !this.#study.quiet || !this.#has("waiting") && !this.#has("measuring"),
      "6: a load began in the quiet",
    );
    this.#countBypass(view);
    [view.at, view.isBusy] = [boards, true];
    view.left--;
    if (split) this.n_splits++;
    this.active.set(runKey(run), { view, boards, step: "loading" });
  }

  /** A run has loaded, and these may be measured. */
  ready(run: Run, passed: readonly Run[]): void {
    const active = this.active.get(runKey(run));
    if (active !== undefined) active.step = "waiting";
    this.#queue.push(runKey(run));
    this.#pass(passed);
  }

  measured(run: Run, passed: readonly Run[]): void {
    const active = this.active.get(runKey(run));
    if (active !== undefined) active.step = "closing";
    this.#pass(passed);
  }

  ended(
    run: Run,
    end: "over" | "again",
    { untilMs, passed }: { untilMs: number; passed: readonly Run[] },
  ): void {
    const key = runKey(run);
    const active = this.active.get(key);
    if (active === undefined) throw new Error(`${key} is not being made`);
    const { view, boards } = active;
    this.active.delete(key);
    const at = this.#queue.indexOf(key);
    if (at >= 0) this.#queue.splice(at, 1);
    view.isBusy = false;
    if (end === "over") view.was = boards;
    else view.left++;
    for (const board of boards.length === 0 ? [""] : boards) this.#restsUntil.set(board, untilMs);
    if (view.left === 0) view.at = null;
    else if (!this.#areAlive(boards)) this.#unplace(view);
    this.#pass(passed);
  }

  takeAway(boards: BoardSet): void {
    for (const board of boards) this.#dead.add(board);
    for (const view of this.chains) {
      if (view.isBusy) continue;
      if (view.at !== null && !this.#areAlive(view.at)) this.#unplace(view);
      if (view.at === null && view.was !== null && view.left > 0 && !this.#areAlive(view.was)) {
        view.isSplit = true;
      }
    }
  }

  /** Nothing more begins now: nothing that could must be left waiting. */
  settled(nowMs: number): void {
    if (this.isHalted || this.#isClosed()) return;
    const oldest = this.#oldest();
    if (oldest === null) return;
    if (oldest.chain.exclusive && this.#checkExclusive(oldest, nowMs)) return;
    const waiting: ChainView[] = [];
    for (const view of this.chains) {
      if (
        view.left === 0 || view.isBusy || view.chain.exclusive && view !== oldest || !this.isPossible(view)
      ) continue;
      if (view.at === null) waiting.push(view);
      else if (!view.chain.exclusive) {
        check(!this.#rested(view.at, nowMs), "5: a placed chain does not go on");
      }
    }
    this.#checkWaiting(waiting, nowMs);
  }

  /** False where no boards of its shape are left. */
  isPossible({ chain, at, was }: ChainView): boolean {
    return at !== null || was !== null && was.length === chain.boards && this.#areAlive(was) ||
      this.#setsOf(chain.boards).length > 0;
  }

  /** When the next rest ends; null where nothing rests. */
  nextRestMs(nowMs: number): number | null {
    let next = Infinity;
    for (const [board, until] of this.#restsUntil) {
      if (until > nowMs && until < next && !this.#dead.has(board)) next = until;
    }
    return Number.isFinite(next) ? next : null;
  }

  #checkBoards(boards: BoardSet, nowMs: number): void {
    for (const board of boards) {
      for (const other of this.active.values()) {
        check(!other.boards.includes(board), "1: a board in two runs");
      }
      check(!this.#dead.has(board), "7: a run on a dead board");
    }
    for (const board of boards.length === 0 ? [""] : boards) {
      check((this.#restsUntil.get(board) ?? -Infinity) <= nowMs, "9: a gap was not kept");
    }
  }

  #checkAlone({ exclusive }: Chain): void {
    check(!exclusive || this.active.size === 0, "6: an exclusive run beside others");
    for (const { view } of this.active.values()) {
      check(!view.chain.exclusive, "6: a run beside an exclusive one");
    }
  }

  #checkChain(view: ChainView, run: Run, { boards, split }: Pick<Placement, "boards" | "split">): void {
    const { chain, at, was } = view;
    check(!view.isBusy, "3: two runs of a chain at a time");
    check(chain.runs[chain.runs.length - view.left] === run, "3: not in plan order");
    check(at === null || same(at, boards), "3: a placed chain moved");
    check(
      was === null || same(was, boards) || !this.#areAlive(was) || view.isSplit,
      "3: moved without cause",
    );
    if (was !== null && !same(was, boards)) check(split, "3: moved without saying so");
    check(!split || view.isSplit, "3: split without cause");
    for (const other of this.chains) {
      if (other === view || other.at === null) continue;
      check(!other.at.some((board) => boards.includes(board)), "4: a placed chain's boards were taken");
    }
  }

  #countBypass(view: ChainView): void {
    const oldest = this.#oldest();
    if (oldest === null || oldest === view || oldest.at !== null || view.at !== null) return;
    oldest.bypassed++;
    check(oldest.bypassed <= MOST_BYPASSES, "10: passed by too many younger ones");
    this.worstBypass = Math.max(this.worstBypass, oldest.bypassed);
  }

  /** True where everything waits for this chain, the oldest. */
  #checkExclusive({ chain, at }: ChainView, nowMs: number): boolean {
    const free = (set: BoardSet): boolean => set.every((board) => this.#ownerOf(board) === null);
    const set = at ?? this.#setsOf(chain.boards).find(free) ?? null;
    if (set === null) return false;
    if (this.active.size === 0) check(!this.#rested(set, nowMs), "5: an exclusive run does not begin");
    return true;
  }

  #checkWaiting(waiting: readonly ChainView[], nowMs: number): void {
    const fitsBeside = (kept: BoardSet): boolean =>
      waiting.some((view) =>
        !view.chain.exclusive &&
        this.#candidates(view).some((set) =>
          this.#rested(set, nowMs) &&
          set.every((board) => this.#ownerOf(board) === null && !kept.includes(board))
        )
      );
    if (!fitsBeside([])) return;
    const [head] = waiting;
    const kept = head === undefined ? [] : this.#candidates(head);
    check(kept.some((set) => !fitsBeside(set)), "5: a chain waits beside boards that would do");
  }

  #candidates({ chain, was, isSplit }: ChainView): readonly BoardSet[] {
    return was !== null && !isSplit && this.#areAlive(was) ? [was] : this.#setsOf(chain.boards);
  }

  #pass(passed: readonly Run[]): void {
    const { mode, quiet } = this.#study;
    for (const run of passed) {
      const active = this.active.get(runKey(run));
      if (active === undefined) throw new Error("6: one that is gone may be measured");
      check(active.step === "waiting", "6: one that does not wait may be measured");
      check(this.#queue.shift() === runKey(run), "6: not first come first served");
      check(mode === "shared" || !this.#has("measuring"), "6: two measured windows");
      check(!quiet || !this.#has("loading"), "6: measured while another loads");
      active.step = "measuring";
    }
    const mayPass = (mode === "shared" || !this.#has("measuring")) && (!quiet || !this.#has("loading"));
    check(!mayPass || this.#queue.length === 0, "6: nobody is let through");
  }

  #isClosed(): boolean {
    if (this.#study.quiet && (this.#has("waiting") || this.#has("measuring"))) return true;
    for (const { view } of this.active.values()) if (view.chain.exclusive) return true;
    return false;
  }

  #has(step: ActiveView["step"]): boolean {
    for (const active of this.active.values()) if (active.step === step) return true;
    return false;
  }

  #oldest(): ChainView | null {
    return this.chains.find((view) => view.left > 0 && this.isPossible(view)) ?? null;
  }

  #ownerOf(board: string): ChainView | null {
    return this.chains.find(({ at }) => at?.includes(board) === true) ?? null;
  }

  #rested(boards: BoardSet, nowMs: number): boolean {
    return (boards.length === 0 ? [""] : boards).every((board) =>
      (this.#restsUntil.get(board) ?? 0) <= nowMs
    );
  }

  #areAlive(boards: BoardSet): boolean {
    return boards.every((board) => this.#study.boards.includes(board) && !this.#dead.has(board));
  }

  #unplace(view: ChainView): void {
    view.at = null;
    if (view.was !== null && !this.#areAlive(view.was)) view.isSplit = true;
  }
}

/** Throws what is wrong where it does not hold. */
export function check(holds: boolean, wrong: string): void {
  if (!holds) throw new Error(wrong);
}

function same(one: BoardSet, other: BoardSet): boolean {
  return one.length === other.length && one.every((board, at) => board === other[at]);
}
