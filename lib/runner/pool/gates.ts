import { type Run, runKey } from "../../experiment/run.ts";
import type { Pool, PoolEnd } from "../../plan/pool/pool.ts";
import type { AttemptGate } from "../attempt_listeners.ts";

type GatedPool = Pick<Pool, "ready" | "measured" | "ended">;

/** Lets the runs of a pool through to their measurement when the scheduler says so. */
export class Gates {
  readonly #scheduler: GatedPool;
  /** Those that wait, by their runs. */
  readonly #waiting = new Map<string, () => void>();

  constructor(scheduler: GatedPool) {
    this.#scheduler = scheduler;
  }

  /** The gate of one attempt of a run. */
  of(run: Run): AttemptGate {
    return {
      ready: (pass) => {
        this.#waiting.set(runKey(run), pass);
        this.#pass(this.#scheduler.ready(run));
      },
      measured: () => this.#pass(this.#scheduler.measured(run)),
    };
  }

  /** A run is over, perhaps while it waited. Arguments as in {@link Pool}. */
  ended(run: Run, end: PoolEnd, nowMs: number, gapMs: number): void {
    this.#waiting.delete(runKey(run));
    this.#pass(this.#scheduler.ended(run, end, nowMs, gapMs));
  }

  /** These may be measured now; one that has ended meanwhile is about to say so. */
  #pass(runs: readonly Run[]): void {
    for (const run of runs) {
      const pass = this.#waiting.get(runKey(run));
      this.#waiting.delete(runKey(run));
      pass?.();
    }
  }
}
