import { namesOnlyCpus } from "../experiment/only_cpus.ts";
import type { Run } from "../experiment/run.ts";
import type { RunnerEvent } from "../journal/runner_event.ts";
import { isGiven } from "../plan/gaps.ts";
import type { Execution } from "../study/execution.ts";

/**
 * Whether a gap that the plan holds is still due, by what the runs of this session turned out to use. It takes gaps away
 * and adds none: what the plan shows is the most that is waited.
 */
export class GapWatch {
  readonly #execution: Execution;
  /** Configurations whose worker named only CPUs. */
  readonly #onCpu = new Set<string>();
  /** The last run since the last gap was started: one that was not has heated nothing that a gap would let cool. */
  #wasStarted = false;
  /** Since the last gap a run held a GPU, or may have. */
  #isWarm = false;

  constructor(execution: Execution) {
    this.#execution = execution;
  }

  take(event: RunnerEvent): void {
    if (event.type === "gap_started") [this.#wasStarted, this.#isWarm] = [false, false];
    if (event.type !== "run_finished") return;
    const { outcome, worker } = event.record;
    this.#wasStarted = outcome.kind !== "spawn_failed";
    // A worker that ended before its hello had loaded nothing.
    if (worker === null) return;
    if (namesOnlyCpus(worker.devices)) this.#onCpu.add(event.run.config_hash);
    else this.#isWarm = true;
  }

  /** A gap that the study gives is kept after every run that was started, whatever the runs use. */
  isDue({ gap_before, config_hash }: Run): boolean {
    if (gap_before === null || !this.#wasStarted) return false;
    return isGiven(gap_before, this.#execution) || this.#isWarm && !this.#onCpu.has(config_hash);
  }
}
