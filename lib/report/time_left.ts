import type { Run } from "../experiment/run.ts";
import type { RunnerEvent } from "../journal/runner_event.ts";
import type { EarlierTimes } from "../plan/estimate.ts";
import { gapSeconds } from "../plan/gaps.ts";
import type { Plan } from "../plan/plan.ts";

/** The work of one session. */
export interface WorkToDo {
  readonly todo: readonly Run[];
  readonly gaps: Plan["gaps"];
  readonly earlier: EarlierTimes;
  /** True where nobody knows how many runs follow these; left out where none do. */
  readonly grows?: boolean;
  /** Runs that may follow these, at most; left out where none do. */
  readonly further?: number;
}

/**
 * How long the rest of a study takes: by earlier studies, else by the mean of the runs so far, and the gaps between them.
 * Every question costs the same, however many runs are left. Times in ms on the caller's clock.
 */
export class TimeLeft {
  readonly #earlier: EarlierTimes;
  readonly #gaps: Plan["gaps"];
  readonly #grows: boolean;
  #further: number;
  /** Of the runs of the session: those that may follow have gaps like them. */
  #meanGapMs: number;
  /** Of the runs left that ran in earlier studies. */
  #knownMs = 0;
  #unknownRuns = 0;
  /** Of the gaps before the runs left, without one that has begun. */
  #gapsMs: number;
  #gapEndsMs: number | null = null;
  /** The run whose gap has been taken out of the sum. */
  #paid: number | null;
  #finished = 0;
  #busyMs = 0;
  #current: { readonly run: Run; readonly startedMs: number } | null = null;

  constructor({ todo, gaps, earlier, grows = false, further = 0 }: WorkToDo) {
    this.#further = further;
    this.#grows = grows;
    this.#earlier = earlier;
    this.#gaps = gaps;
    this.#paid = todo[0]?.index ?? null;
    this.#gapsMs = todo.slice(1).reduce((sum, run) => sum + this.#gapMs(run), 0);
    this.#meanGapMs = this.#gapsMs / Math.max(1, todo.length - 1);
    for (const run of todo) this.#count(run, 1);
  }

  take(event: RunnerEvent, nowMs: number): void {
    switch (event.type) {
      case "gap_started":
        this.#gapsMs -= this.#gapMs(event.run);
        this.#paid = event.run.index;
        this.#gapEndsMs = nowMs + event.seconds * 1000;
        break;
      case "run_started":
        this.#begin(event.run, nowMs);
        break;
      case "run_finished":
        this.#current = null;
        if (event.will_retry) break;
        this.#finished += 1;
        this.#busyMs += event.record.timing.duration_s * 1000;
        this.#count(event.run, -1);
        break;
      case "runs_added":
        for (const run of event.runs) this.#count(run, 1);
        this.#further = Math.max(0, this.#further - event.runs.length);
        break;
      case "look":
        if (event.look.decision !== "continue") this.#further = 0;
        break;
    }
  }

  /** True where the time that is left is the most that it can be. */
  get isUpTo(): boolean {
    return this.#further > 0;
  }

  /** Null where nothing tells; 0 or less where everything should be over by now. */
  leftMs(nowMs: number): number | null {
    const meanMs = this.#finished === 0 ? null : this.#busyMs / this.#finished;
    if (this.#grows || (this.#unknownRuns > 0 || this.#further > 0) && meanMs === null) return null;
    const gap = this.#gapEndsMs === null ? 0 : Math.max(0, this.#gapEndsMs - nowMs);
    const runs = this.#knownMs + (this.#unknownRuns + this.#further) * (meanMs ?? 0);
    return runs + this.#gapsMs + this.#further * this.#meanGapMs + gap - this.#doneMs(nowMs, meanMs);
  }

  /** What the run under way has had already; one that takes longer than expected makes the rest no shorter. */
  #doneMs(nowMs: number, meanMs: number | null): number {
    if (this.#current === null) return 0;
    const expectedMs = this.#earlierMs(this.#current.run) ?? meanMs ?? 0;
    return Math.min(expectedMs, nowMs - this.#current.startedMs);
  }

  #begin(run: Run, nowMs: number): void {
    this.#gapEndsMs = null;
    this.#current = { run, startedMs: nowMs };
    if (this.#paid === run.index || this.#gapMs(run) === 0) return;
    // A gap of the plan was left out, since the runs turned out to use no GPU: those that follow go the same way.
    this.#gapsMs = 0;
    this.#meanGapMs = 0;
  }

  #count(run: Run, by: 1 | -1): void {
    const known = this.#earlierMs(run);
    if (known === null) this.#unknownRuns += by;
    else this.#knownMs += by * known;
  }

  #earlierMs({ config_hash }: Run): number | null {
    const seconds = this.#earlier.run_s.get(config_hash);
    return seconds === undefined ? null : seconds * 1000;
  }

  #gapMs({ gap_before }: Run): number {
    return gapSeconds(gap_before, this.#gaps) * 1000;
  }
}
