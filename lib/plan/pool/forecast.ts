import type { Run } from "../../experiment/run.ts";
import { gapSeconds } from "../gaps.ts";
import type { Plan } from "../plan.ts";
import { createPool } from "./create_pool.ts";
import { gapAfter } from "./gap_after.ts";
import type { Placement, Pool, PoolParts } from "./pool.ts";

/** What a run takes, in seconds: until it could be measured, and from there to its end. */
export interface RunSeconds {
  readonly load_s: number;
  readonly measure_s: number;
}

/** How the scheduler would make the runs of a plan. */
export interface Forecast {
  /** From the first start to the last end, in seconds. */
  readonly seconds: number;
  /** Boards with a run on them at the same time, at most. */
  readonly most_boards: number;
  /** Boards that never have a run. */
  readonly idle_boards: readonly string[];
}

type ForecastParts = Pick<PoolParts, "mode" | "quiet" | "boards" | "sets" | "chains">;

/** Runs the scheduler of a study in made-up time; every run takes what it is said to take, and completes. */
export function forecast(
  parts: ForecastParts,
  plan: Pick<Plan, "gaps" | "cycle_order">,
  secondsOf: (run: Run) => RunSeconds,
): Forecast {
  return new Clockwork(parts, plan, secondsOf).play();
}

/** How long the same runs take one after the other, in seconds. */
export function oneByOneSeconds(
  { runs, gaps }: Pick<Plan, "runs" | "gaps">,
  secondsOf: (run: Run) => RunSeconds,
): number {
  return runs.reduce((sum, run, at) => {
    const { load_s, measure_s } = secondsOf(run);
    return sum + load_s + measure_s + (at === 0 ? 0 : gapSeconds(run.gap_before, gaps));
  }, 0);
}

interface Timer {
  readonly atMs: number;
  readonly placement: Placement;
  readonly step: "loaded" | "over";
}

class Clockwork {
  readonly #pool: Pool;
  readonly #boards: readonly string[];
  readonly #plan: Pick<Plan, "gaps" | "cycle_order">;
  readonly #secondsOf: (run: Run) => RunSeconds;
  readonly #active = new Map<Run, Placement>();
  readonly #used = new Set<string>();
  #timers: Timer[] = [];
  #nowMs = 0;
  #endMs = 0;
  #mostBoards = 0;

  constructor(
    parts: ForecastParts,
    plan: Pick<Plan, "gaps" | "cycle_order">,
    secondsOf: (run: Run) => RunSeconds,
  ) {
    this.#pool = createPool({ ...parts, earlier: new Map() });
    [this.#boards, this.#plan, this.#secondsOf] = [parts.boards, plan, secondsOf];
  }

  play(): Forecast {
    for (;;) {
      this.#begin();
      const next = this.#nextTimer();
      const restMs = this.#pool.nextMs(this.#nowMs);
      if (next === null && (restMs === null || this.#pool.left().length === 0)) break;
      if (next === null || restMs !== null && restMs < next.atMs) {
        this.#nowMs = restMs ?? this.#nowMs;
        continue;
      }
      this.#nowMs = next.atMs;
      this.#timers.splice(this.#timers.indexOf(next), 1);
      this.#take(next);
    }
    return {
      seconds: this.#endMs / 1000,
      most_boards: this.#mostBoards,
      idle_boards: this.#boards.filter((board) => !this.#used.has(board)),
    };
  }

  #begin(): void {
    for (const placement of this.#pool.decide(this.#nowMs)) {
      this.#active.set(placement.run, placement);
      for (const board of placement.boards) this.#used.add(board);
      this.#after(this.#secondsOf(placement.run).load_s, placement, "loaded");
    }
    const busy = [...this.#active.values()].reduce((sum, { boards }) => sum + boards.length, 0);
    this.#mostBoards = Math.max(this.#mostBoards, busy);
  }

  #take({ placement, step }: Timer): void {
    if (step === "loaded") return this.#measure(this.#pool.ready(placement.run));
    const { run } = placement;
    this.#active.delete(run);
    this.#endMs = this.#nowMs;
    const gap_s = gapSeconds(gapAfter(placement, this.#plan).kind, this.#plan.gaps);
    this.#measure(this.#pool.ended(run, "over", this.#nowMs, gap_s * 1000));
  }

  #measure(runs: readonly Run[]): void {
    for (const run of runs) {
      const placement = this.#active.get(run);
      if (placement !== undefined) this.#after(this.#secondsOf(run).measure_s, placement, "over");
    }
  }

  #after(seconds: number, placement: Placement, step: Timer["step"]): void {
    this.#timers.push({ atMs: this.#nowMs + seconds * 1000, placement, step });
  }

  #nextTimer(): Timer | null {
    let next: Timer | null = null;
    for (const timer of this.#timers) if (next === null || timer.atMs < next.atMs) next = timer;
    return next;
  }
}
