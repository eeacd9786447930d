import type { Run } from "../experiment/run.ts";
import type { RunnerEvent } from "../journal/runner_event.ts";
import type { EarlierTimes } from "../plan/estimate.ts";
import { gapSeconds } from "../plan/gaps.ts";
import type { Plan } from "../plan/plan.ts";

/** A run under way. */
interface Current {
  readonly run: Run;
  readonly startedMs: number;
  /** When it was let through to its measurement; null before, and where nothing lets it. */
  gateMs: number | null;
}

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
 * With several runs at a time the sum is shared among as many as there can be, and no less than what is left of any of
 * them; where they are measured one after the other, no less than the time that takes. Every question costs the same,
 * however many runs are left. Times in ms on the caller's clock.
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
  /** Runs that have not ended. */
  #left = 0;
  /** Of the gaps before the runs left, without one that has begun. */
  #gapsMs: number;
  #gapEndsMs: number | null = null;
  /** The runs whose gaps have been taken out of the sum: the last one, or all of a pool. */
  readonly #paid = new Set<number>();
  #finished = 0;
  #busyMs = 0;
  /** Runs under way, by their numbers. */
  readonly #current = new Map<number, Current>();
  /** Null where one run is made at a time. */
  #pool: { readonly mode: "staged" | "shared"; width: number } | null = null;
  /** From the gate to the end, of runs that had to wait at one. */
  #measured = { runs: 0, ms: 0 };

  constructor({ todo, gaps, earlier, grows = false, further = 0 }: WorkToDo) {
    this.#further = further;
    this.#grows = grows;
    this.#earlier = earlier;
    this.#gaps = gaps;
    if (todo[0] !== undefined) this.#paid.add(todo[0].index);
    this.#gapsMs = todo.slice(1).reduce((sum, run) => sum + this.#gapMs(run), 0);
    this.#meanGapMs = this.#gapsMs / Math.max(1, todo.length - 1);
    for (const run of todo) this.#count(run, 1);
  }

  take(event: RunnerEvent, nowMs: number): void {
    switch (event.type) {
      case "pool_opened":
        this.#pool = { mode: event.mode, width: event.width };
        break;
      case "board_out":
        if (this.#pool !== null) this.#pool.width = Math.max(1, this.#pool.width - 1);
        break;
      case "gap_started":
        this.#gapsMs -= this.#gapMs(event.run);
        this.#paid.add(event.run.index);
        this.#gapEndsMs = nowMs + event.seconds * 1000;
        break;
      case "gate_passed": {
        const current = this.#current.get(event.run.index);
        if (current !== undefined) current.gateMs = nowMs;
        break;
      }
      case "run_started":
        this.#begin(event.run, nowMs);
        break;
      case "run_finished":
        this.#end(event.run, nowMs);
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
    const current = [...this.#current.values()].map((each) => this.#spentMs(each, nowMs, meanMs));
    const done = current.reduce((sum, { doneMs }) => sum + doneMs, 0);
    const all = runs + this.#gapsMs + this.#further * this.#meanGapMs - done;
    if (this.#pool === null) return all + gap;
    const longest = current.reduce((most, { expectedMs, doneMs }) => Math.max(most, expectedMs - doneMs), 0);
    return Math.max(all / this.#atATime, longest, this.#measuringMs);
  }

  /** What a run under way has had already; one that takes longer than expected makes the rest no shorter. */
  #spentMs(
    { run, startedMs }: Current,
    nowMs: number,
    meanMs: number | null,
  ): { readonly expectedMs: number; readonly doneMs: number } {
    const expectedMs = this.#earlierMs(run) ?? meanMs ?? 0;
    return { expectedMs, doneMs: Math.min(expectedMs, nowMs - startedMs) };
  }

  /** Runs at a time from now on: no more than there are. */
  get #atATime(): number {
    return Math.max(1, Math.min(this.#pool?.width ?? 1, this.#left + this.#further));
  }

  /** What it takes to measure those that are left one after the other; 0 where several are measured at once. */
  get #measuringMs(): number {
    if (this.#pool?.mode !== "staged" || this.#measured.runs === 0) return 0;
    const passed = [...this.#current.values()].filter(({ gateMs }) => gateMs !== null).length;
    return (this.#left + this.#further - passed) * this.#measured.ms / this.#measured.runs;
  }

  #begin(run: Run, nowMs: number): void {
    this.#current.set(run.index, { run, startedMs: nowMs, gateMs: null });
    if (this.#pool !== null) {
      if (!this.#paid.has(run.index)) this.#gapsMs = Math.max(0, this.#gapsMs - this.#gapMs(run));
      this.#paid.add(run.index);
      return;
    }
    this.#gapEndsMs = null;
    const isPaid = this.#paid.has(run.index);
    this.#paid.clear();
    this.#paid.add(run.index);
    if (isPaid || this.#gapMs(run) === 0) return;
    // A gap of the plan was left out, since the runs turned out to use no GPU: those that follow go the same way.
    this.#gapsMs = 0;
    this.#meanGapMs = 0;
  }

  #end(run: Run, nowMs: number): void {
    const gateMs = this.#current.get(run.index)?.gateMs ?? null;
    if (gateMs !== null) {
      this.#measured = { runs: this.#measured.runs + 1, ms: this.#measured.ms + nowMs - gateMs };
    }
    this.#current.delete(run.index);
  }

  #count(run: Run, by: 1 | -1): void {
    this.#left += by;
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
