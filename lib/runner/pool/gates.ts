import { type Run, runKey } from "../../experiment/run.ts";
import type { Pool } from "../../plan/pool/pool.ts";
import type { AttemptGate } from "../attempt_listeners.ts";

/** Lets the runs of a pool through to their measurement when the scheduler says so. */
export class Gates {
  readonly #scheduler: Pick<Pool, "ready" | "measured">;
  /** Those that wait, by their runs. */
  readonly #waiting = new Map<string, () => void>();

  constructor(scheduler: Pick<Pool, "ready" | "measured">) {
    this.#scheduler = scheduler;
  }

  /** The gate of one attempt of a run. */
  of(run: Run): AttemptGate {
    return {
      ready: (pass) => {
        this.#waiting.set(runKey(run), pass);
        this.pass(this.#scheduler.ready(run));
      },
      measured: () => this.pass(this.#scheduler.measured(run)),
    };
  }

  /** These may be measured now; one that has ended meanwhile is about to say so. */
  pass(runs: readonly Run[]): void {
    for (const run of runs) {
      const pass = this.#waiting.get(runKey(run));
      this.#waiting.delete(runKey(run));
      pass?.();
    }
  }
}
