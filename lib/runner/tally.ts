import { type Outcome, statusOf } from "../experiment/outcome.ts";
import type { Run } from "../experiment/run.ts";
import { GroupLog, type RunEnd } from "../plan/give_up.ts";
import type { Execution } from "../study/execution.ts";
import type { Halt } from "./halt.ts";
import type { Ledger } from "./ledger.ts";
import { EngineWatch } from "./engine_watch.ts";
import { ServerFactsWatch } from "./server_facts_watch.ts";
import { nextStep, type Step, type StepState } from "./next_step.ts";

/** How the first runs of each group ended, and which groups have been given up. */
export interface GroupEnds {
  /** The ends of the first runs of a run's group besides that run; null where that run is none of the first. */
  endsOf(run: Run): readonly RunEnd[] | null;
  add(run: Run, end: RunEnd): void;
  giveUp(run: Run): void;
  hasGivenUp(run: Run): boolean;
}

/** What counts in one session of a study: the runs that failed, and how the first ones of each group ended. */
export class Tally {
  readonly serverFacts = new ServerFactsWatch();
  readonly engines: EngineWatch;
  readonly #execution: Execution;
  readonly #ledger: Ledger;
  readonly #groups: GroupEnds;
  readonly #reported = new Set<string>();
  #failedRuns = 0;
  #completed = 0;
  #contended = 0;

  /**
   * `engines` compares the engines of the runs; without it, those of this session are compared. Without `groups`, the first
   * runs of a group are those that end first.
   */
  constructor(
    execution: Execution,
    ledger: Ledger,
    engines = new EngineWatch(() => null),
    groups: GroupEnds = new GroupLog(execution.give_up_after),
  ) {
    this.engines = engines;
    this.#execution = execution;
    this.#ledger = ledger;
    this.#groups = groups;
  }

  /** What follows an attempt of that run which ended so; with null, whether the run may begin. Changes nothing. */
  step(run: Run, outcome: Outcome | null, halt: Halt | null): Step {
    return nextStep(this.#stateOf(run, halt), outcome);
  }

  /** The run is over, with that last outcome. What follows. */
  end(run: Run, outcome: Outcome, halt: Halt | null): Step {
    const step = this.step(run, outcome, halt);
    if (statusOf(outcome.kind) === "failed") this.#failedRuns += 1;
    this.#groups.add(run, outcome);
    if (step.kind === "give_up") this.#groups.giveUp(run);
    return step;
  }

  /** An attempt has ended so; what is counted are those that completed. */
  take({ kind, flags }: Outcome): void {
    if (kind !== "completed") return;
    this.#completed += 1;
    if (flags.includes("contended")) this.#contended += 1;
  }

  /** Runs that completed, and those of them that were contended. */
  get counts(): { readonly completed: number; readonly contended: number } {
    return { completed: this.#completed, contended: this.#contended };
  }

  hasGivenUp(run: Run): boolean {
    return this.#groups.hasGivenUp(run);
  }

  /** True the first time that it is asked for that code: some troubles are worth one report a study. */
  isNew(code: string): boolean {
    const isNew = !this.#reported.has(code);
    this.#reported.add(code);
    return isNew;
  }

  #stateOf(run: Run, halt: Halt | null): StepState {
    const entry = this.#ledger.entryOf(run);
    return {
      rules: this.#execution,
      tries: entry?.tries ?? 0,
      voids: entry?.voids ?? 0,
      failed_runs: this.#failedRuns,
      group_ends: this.#groups.endsOf(run),
      halt,
    };
  }
}
