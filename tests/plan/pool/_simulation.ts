/** A runner of made-up studies in made-up time: drives a scheduler through crashes, stops and faults under a watcher. */
import { type Run, runKey } from "../../../lib/experiment/run.ts";
import type { Chain } from "../../../lib/plan/pool/chain.ts";
import type { BoardSet, Pool, PoolParts } from "../../../lib/plan/pool/pool.ts";
import { alignedSets, type MadeStudy, madeStudy } from "./_studies.ts";
import { check, Watcher } from "./_watcher.ts";

/** What came of a study. */
export interface Played {
  readonly starts: number;
  readonly sessions: number;
  readonly splits: number;
  readonly left: number;
  readonly worstBypass: number;
  readonly endMs: number;
  /** Every decision, in order: what began where and when, and who was let through the gate. */
  readonly decisions: number;
}

type MakePool = (parts: PoolParts) => Pool;

/** Plays the study of a seed to its end; throws what the scheduler did wrong. */
export function play(seed: number, createPool: MakePool): Played {
  return new Player(madeStudy(seed), createPool).play();
}

const MOST_SESSIONS = 12;
/** A run is made again so often at most, as by a runner whose boards go one after the other. */
const MOST_AGAIN = 3;

interface Timer {
  readonly atMs: number;
  readonly call: () => void;
}

class Player {
  readonly #study: MadeStudy;
  readonly #createPool: MakePool;
  readonly #over = new Set<string>();
  readonly #earlier = new Map<string, BoardSet>();
  readonly #dead = new Set<string>();
  readonly #again = new Map<string, number>();
  #nowMs = 0;
  #timers: Timer[] = [];
  #unfed: Chain[] = [];
  #starts = 0;
  #splits = 0;
  #failures = 0;
  #worstBypass = 0;
  #decisions = 0;
  #ends: "crash" | "stop" | null = null;

  constructor(study: MadeStudy, createPool: MakePool) {
    [this.#study, this.#createPool] = [study, createPool];
  }

  play(): Played {
    for (let sessions = 1;; sessions++) {
      const left = this.#session(sessions);
      if (left === null) continue;
      check(this.#over.size + left === this.#study.n_runs, "2: a run was lost");
      const [splits, worstBypass] = [this.#splits, this.#worstBypass];
      return {
        starts: this.#starts,
        sessions,
        splits,
        left,
        worstBypass,
        endMs: this.#nowMs,
        decisions: this.#decisions,
      };
    }
  }

  /** Null where it was cut short, so that another one follows; else how many runs are left for good. */
  #session(number: number): number | null {
    const { boards, mode, quiet, isFed } = this.#study;
    const chains = this.#study.chains.map((chain) => ({
      ...chain,
      runs: chain.runs.filter((run) => !this.#over.has(runKey(run))),
    })).filter(({ runs }) => runs.length > 0);
    const first = isFed ? [] : chains;
    this.#unfed = isFed ? [...chains] : [];
    const earlier = new Map(this.#earlier);
    const alive = boards.filter((board) => !this.#dead.has(board));
    const sets = alignedSets(boards);
    const pool = this.#createPool({ mode, quiet, boards: alive, sets, chains: first, earlier });
    const watcher = new Watcher(this.#study, this.#dead, earlier);
    watcher.add(first);
    [this.#timers, this.#ends] = [[], null];
    this.#planFaults(pool, watcher, number < MOST_SESSIONS);
    this.#loop(pool, watcher);
    this.#splits += watcher.n_splits;
    this.#worstBypass = Math.max(this.#worstBypass, watcher.worstBypass);
    if (this.#ends === "crash") return null;
    check(watcher.active.size === 0, "2: a run is still being made");
    const left = pool.left();
    for (const { run } of left) check(!this.#over.has(runKey(run)), "2: a run that is over is left");
    if (this.#ends === "stop") return null;
    check(watcher.isHalted || left.every(({ impossible }) => impossible), "11: left behind");
    return left.length + this.#unfed.reduce((n, { runs }) => n + runs.length, 0);
  }

  #loop(pool: Pool, watcher: Watcher): void {
    for (let steps = 0;; steps++) {
      check(steps < 5000, "11: no end");
      this.#decide(pool, watcher);
      const timer = this.#nextTimer();
      const restMs = pool.nextMs(this.#nowMs);
      if (timer === null && restMs === null) {
        check(watcher.isHalted || !this.#canGoOn(watcher), "11: deadlock");
        return;
      }
      if (restMs !== null) check(restMs > this.#nowMs, "11: a time that has passed");
      if (timer === null || restMs !== null && restMs < timer.atMs) {
        this.#nowMs = restMs ?? this.#nowMs;
        continue;
      }
      this.#timers.splice(this.#timers.indexOf(timer), 1);
      this.#nowMs = Math.max(this.#nowMs, timer.atMs);
      timer.call();
      if (this.#ends !== null) return;
    }
  }

  #decide(pool: Pool, watcher: Watcher): void {
    this.#take(pool, watcher);
    while (this.#unfed.length > 0 && !watcher.isHalted) {
      const at = this.#unfed.findIndex((chain) => pool.hasRoomFor(chain, this.#nowMs));
      if (at < 0) break;
      const chains = this.#unfed.splice(at, 1);
      pool.add(chains);
      watcher.add(chains);
      const placed = this.#take(pool, watcher);
      check(placed.includes(chains[0]?.id ?? ""), "5: there was no room for a chain after all");
    }
    watcher.settled(this.#nowMs);
  }

  /** The chains of the runs that began. */
  #take(pool: Pool, watcher: Watcher): string[] {
    const placements = pool.decide(this.#nowMs);
    for (const placement of placements) {
      const { run, chain, boards } = placement;
      watcher.begin(placement, this.#nowMs);
      this.#earlier.set(chain.id, boards);
      this.#note(run.index, ...boards.map((board) => parseInt(board.slice(1))));
      this.#starts++;
      this.#after(this.#study.random.integer(1, 20), () => this.#loaded(pool, watcher, run));
    }
    return placements.map(({ chain }) => chain.id);
  }

  #loaded(pool: Pool, watcher: Watcher, run: Run): void {
    if (watcher.active.get(runKey(run))?.step !== "loading") return;
    const { random, hasFaults } = this.#study;
    if (hasFaults && random.next() < 0.05) return this.#end(pool, watcher, run);
    const passed = pool.ready(run);
    watcher.ready(run, passed);
    this.#measure(pool, watcher, passed);
  }

  #measure(pool: Pool, watcher: Watcher, runs: readonly Run[]): void {
    for (const run of runs) {
      this.#note(-run.index);
      this.#after(this.#study.random.integer(1, 20), () => this.#close(pool, watcher, run));
    }
  }

  #close(pool: Pool, watcher: Watcher, run: Run): void {
    if (watcher.active.get(runKey(run))?.step !== "measuring") return;
    if (this.#study.random.next() < 0.3) return this.#end(pool, watcher, run);
    const passed = pool.measured(run);
    watcher.measured(run, passed);
    this.#measure(pool, watcher, passed);
    this.#after(1, () => {
      if (watcher.active.get(runKey(run))?.step === "closing") this.#end(pool, watcher, run);
    });
  }

  /** A run ends by itself: well, badly, void, or in a way that takes its boards. */
  #end(pool: Pool, watcher: Watcher, run: Run): void {
    const { random, hasFaults, max_failures } = this.#study;
    const lot = hasFaults ? random.next() : 1;
    if (lot < 0.03) {
      const boards = watcher.active.get(runKey(run))?.boards ?? [];
      pool.takeAway(boards);
      watcher.takeAway(boards);
    }
    if (lot >= 0.03 && lot < 0.08 && this.#mayAgain(run)) return this.#ended(pool, watcher, run, "again");
    if (lot >= 0.08 && lot < 0.16 && ++this.#failures === max_failures) this.#halt(pool, watcher);
    this.#ended(pool, watcher, run, "over");
  }

  #ended(pool: Pool, watcher: Watcher, run: Run, end: "over" | "again"): void {
    const gapMs = this.#study.random.next() < 0.8 ? this.#study.gapMs : 0;
    const passed = pool.ended(run, end, this.#nowMs, gapMs);
    watcher.ended(run, end, { untilMs: this.#nowMs + gapMs, passed });
    if (end === "over") {
      check(!this.#over.has(runKey(run)), "2: a run ended twice");
      this.#over.add(runKey(run));
    }
    this.#measure(pool, watcher, passed);
  }

  #mayAgain(run: Run): boolean {
    const times = (this.#again.get(runKey(run)) ?? 0) + 1;
    this.#again.set(runKey(run), times);
    return times <= MOST_AGAIN;
  }

  #halt(pool: Pool, watcher: Watcher): void {
    pool.halt();
    watcher.isHalted = true;
  }

  #planFaults(pool: Pool, watcher: Watcher, mayEnd: boolean): void {
    const { random, hasFaults, boards } = this.#study;
    if (!hasFaults) return;
    const perhaps = (share: number, call: () => void): void => {
      if (random.next() < share) this.#after(random.integer(0, 200), call);
    };
    perhaps(0.3, () => this.#lose(pool, watcher, random.pick(boards)));
    perhaps(0.1, () => this.#lose(pool, watcher, random.pick(boards)));
    if (!mayEnd) return;
    perhaps(0.2, () => this.#ends = "crash");
    perhaps(0.12, () => {
      this.#halt(pool, watcher);
      check(pool.decide(this.#nowMs).length === 0, "8: a run began after a halt");
      for (const { view } of [...watcher.active.values()]) {
        const run = view.chain.runs[view.chain.runs.length - view.left - 1];
        if (run !== undefined) this.#ended(pool, watcher, run, "again");
      }
      check(pool.decide(this.#nowMs + 1000).length === 0, "8: a run began after a halt");
      this.#ends = "stop";
    });
  }

  /** A board is gone, and with it the run that is on it. */
  #lose(pool: Pool, watcher: Watcher, board: string): void {
    if (this.#dead.has(board)) return;
    pool.takeAway([board]);
    watcher.takeAway([board]);
    for (const { view, boards } of [...watcher.active.values()]) {
      const run = view.chain.runs[view.chain.runs.length - view.left - 1];
      if (run === undefined || !boards.includes(board)) continue;
      this.#ended(pool, watcher, run, this.#mayAgain(run) ? "again" : "over");
    }
  }

  /** Whether a run is left that boards could be found for. */
  #canGoOn(watcher: Watcher): boolean {
    const open = watcher.chains.filter(({ left }) => left > 0);
    if (open.some((view) => watcher.isPossible(view))) return true;
    const sets = alignedSets(this.#study.boards);
    return this.#unfed.some(({ boards }) =>
      boards === 0 || sets(boards).some((set) => set.every((board) => !this.#dead.has(board)))
    );
  }

  #note(...what: readonly number[]): void {
    for (const part of [this.#nowMs, ...what]) this.#decisions = Math.imul(this.#decisions, 31) + part | 0;
  }

  #after(ms: number, call: () => void): void {
    this.#timers.push({ atMs: this.#nowMs + ms, call });
  }

  #nextTimer(): Timer | null {
    let next: Timer | null = null;
    for (const timer of this.#timers) if (next === null || timer.atMs < next.atMs) next = timer;
    return next;
  }
}
