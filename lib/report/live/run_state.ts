import { wholeSeconds } from "../../base/duration.ts";
import { clip } from "../../base/text.ts";
import type { RunnerEvent } from "../../journal/runner_event.ts";
import { PassProgress } from "../pass_progress.ts";

/** Characters that a run's name keeps before any progress is left out, and at the least. */
const FAIR_NAME = 20;
const LEAST_NAME = 8;

/** A run under way, as a line names it. */
export interface NamedRun {
  readonly run_id: string;
  /** `[3/48] `, with what stands before the name. */
  readonly counter: string;
  readonly title: string;
  readonly startedMs: number;
}

/** How far a run is, kept up to date from the runner's events. Times in ms on the caller's clock. */
export class RunState {
  #phase: string | null = null;
  readonly #progress = new PassProgress();
  /** The phase that the progress is of. Phases nest: `measure` goes on after each `prefill` and `decode` in it. */
  #progressPhase: string | null = null;

  get phase(): string | null {
    return this.#phase;
  }

  take(event: RunnerEvent & { readonly type: "run_phase" | "run_progress" }, nowMs: number): void {
    if (event.type === "run_phase") {
      this.#phase = event.phase;
      return;
    }
    if (this.#progressPhase !== this.#phase) this.#progress.clear();
    this.#progressPhase = this.#phase;
    this.#progress.take(event, nowMs);
  }

  /** A run begins. */
  clear(): void {
    this.#phase = null;
    this.#progress.clear();
  }

  /** The progress in full; null where there is none. */
  get progressText(): string | null {
    return this.#forms()[0]?.join(" ") ?? null;
  }

  /**
   * The line of a run; `word` stands for its phase and progress unless it is null, `end` after its time. Where it is too long
   * the run's name gives way, then the details of its progress; time and phase stay.
   */
  line(
    { counter, title, startedMs }: NamedRun,
    { nowMs, room, word = null, end = "" }: {
      readonly nowMs: number;
      readonly room: number;
      readonly word?: string | null;
      readonly end?: string;
    },
  ): string {
    const shown = word ?? this.#phase;
    const phase = shown === null ? "" : ` ${shown}`;
    const elapsed = wholeSeconds(Math.floor((nowMs - startedMs) / 1000));
    const fixed = counter.length + phase.length + ` ${elapsed}${end}`.length;
    const forms = word === null ? this.#forms().map((parts) => parts.map((part) => ` ${part}`).join("")) : [];
    const fitting = (least: number): string | undefined =>
      forms.find((form) => fixed + Math.min(title.length, least) + form.length <= room);
    const progress = fitting(FAIR_NAME) ?? fitting(LEAST_NAME) ?? "";
    const name = clip(title, Math.max(LEAST_NAME, room - fixed - progress.length));
    return `${counter}${name}${phase}${progress} ${elapsed}${end}`;
  }

  /** The progress in full, then with less and less of it; empty where there is none. */
  #forms(): string[][] {
    if (this.#progressPhase !== this.#phase) return [];
    const { count, rate, note } = this.#progress;
    if (count === null) return [];
    const shown = note === null || note === this.#phase ? [] : [note];
    const rates = rate === null ? [] : [rate];
    const forms = [[count, ...rates, ...shown], [...rates, ...shown], shown, [count]];
    return forms.filter((parts) => parts.length > 0);
  }
}
