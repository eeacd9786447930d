import { wholeSeconds } from "../base/duration.ts";
import type { RunnerEvent } from "../journal/runner_event.ts";
import type { NameRun } from "./run_name.ts";
import { clip, printable } from "../base/text.ts";
import { gapTitle, nothingRunning, runningNowInFull, stillRunning, stillWaiting } from "./messages.ts";
import { PassProgress } from "./pass_progress.ts";
import { TimeLeft, type WorkToDo } from "./time_left.ts";

/** Characters that a run's name keeps before any progress is left out, and at the least. */
const FAIR_NAME = 20;
const LEAST_NAME = 8;

/** What the live line has to know of the study. */
export interface LiveStudy extends WorkToDo {
  /** Runs of the study, those done before included. */
  readonly total: number;
  readonly name: NameRun;
}

/** What the live line shows, kept up to date from the runner's events. Times in ms on the caller's clock. */
export class LiveState {
  #now: { index: number; title: string; startedMs: number } | null = null;
  /** What is waited for, until when. */
  #wait: { endMs: number; what: string } | null = null;
  #phase: string | null = null;
  readonly #progress = new PassProgress();
  /** The phase that the progress is of. Phases nest: `measure` goes on after each `prefill` and `decode` in it. */
  #progressPhase: string | null = null;
  readonly #left: TimeLeft;
  #studyDir = "";
  #runId = "";
  /** When anything was heard of the run. */
  #heardMs = 0;
  #total: number;
  readonly #name: NameRun;

  constructor(study: LiveStudy) {
    this.#total = study.total;
    this.#left = new TimeLeft(study);
    this.#name = study.name;
  }

  /** False between two runs, in a gap for example. */
  get isRunning(): boolean {
    return this.#now !== null;
  }

  take(event: RunnerEvent, nowMs: number): void {
    this.#heardMs = nowMs;
    this.#left.take(event, nowMs);
    switch (event.type) {
      case "gap_started":
        this.#wait = { endMs: nowMs + event.seconds * 1000, what: gapTitle(event.kind) };
        break;
      case "waiting":
        this.#wait = { endMs: nowMs + event.seconds * 1000, what: event.what };
        break;
      case "retry_waiting":
        this.#wait = {
          endMs: nowMs + event.seconds * 1000,
          what: `[${event.run.index}/${this.#total}] ${this.#name(event.run)} attempt ${event.attempt}`,
        };
        break;
      case "run_started":
        this.#wait = null;
        this.#phase = null;
        this.#progress.clear();
        this.#runId = event.run_id;
        this.#now = { index: event.run.index, title: this.#name(event.run), startedMs: nowMs };
        break;
      case "run_phase":
        this.#phase = event.phase;
        break;
      case "run_progress":
        if (this.#progressPhase !== this.#phase) this.#progress.clear();
        this.#progressPhase = this.#phase;
        this.#progress.take(event, nowMs);
        break;
      case "run_finished":
        this.#now = null;
        break;
      case "study_finished":
        this.#wait = null;
        break;
      case "runs_added":
        this.#total = event.total;
        break;
      case "study_started":
        this.#studyDir = event.study_dir;
        break;
      case "warning":
        break;
    }
  }

  /** The line as it should look now, at most `width` wide; empty where nothing runs. */
  draw(nowMs: number, width: number): string {
    const room = Math.max(10, width - 1);
    return clip(printable(this.#text(nowMs, room)), room);
  }

  /** What runs now, in full, for a log or a terminal without a live line. */
  tell(nowMs: number): string {
    const text = printable(this.#text(nowMs, Infinity));
    if (this.#now === null) return text === "" ? nothingRunning() : text;
    const log = printable(`${this.#studyDir}/runs/${this.#runId}/worker.log`);
    return runningNowInFull(text, (nowMs - this.#heardMs) / 1000, log);
  }

  /** What goes on, as a line of a log; null where nothing does. */
  beat(nowMs: number): string | null {
    if (this.#wait !== null) {
      return printable(stillWaiting(this.#wait.what, (this.#wait.endMs - nowMs) / 1000));
    }
    if (this.#now === null) return null;
    const { index, title, startedMs } = this.#now;
    const left = this.#left.leftMs(nowMs);
    return printable(stillRunning(
      `[${index}/${this.#total}] ${title}`,
      this.#phase,
      this.#progressText(),
      (nowMs - startedMs) / 1000,
      left === null || left < 1000 ? null : left / 1000,
      this.#left.isUpTo ? "up to" : "about",
    ));
  }

  /** Where the line is too long the run's name gives way, then the details of its progress; time and phase stay. */
  #text(nowMs: number, room: number): string {
    const eta = this.#etaText(nowMs);
    if (this.#wait !== null) {
      return stillWaiting(this.#wait.what, (this.#wait.endMs - nowMs) / 1000) + eta;
    }
    if (this.#now === null) return "";
    const { index, title, startedMs } = this.#now;
    const phase = this.#phase === null ? "" : ` ${this.#phase}`;
    const elapsed = wholeSeconds(Math.floor((nowMs - startedMs) / 1000));
    const counter = `[${index}/${this.#total}] `;
    const fixed = counter.length + phase.length + ` ${elapsed}${eta}`.length;
    const forms = this.#progressForms().map((parts) => parts.map((part) => ` ${part}`).join(""));
    const fitting = (least: number): string | undefined =>
      forms.find((form) => fixed + Math.min(title.length, least) + form.length <= room);
    const progress = fitting(FAIR_NAME) ?? fitting(LEAST_NAME) ?? "";
    const name = clip(title, Math.max(LEAST_NAME, room - fixed - progress.length));
    return `${counter}${name}${phase}${progress} ${elapsed}${eta}`;
  }

  #progressText(): string | null {
    return this.#progressForms()[0]?.join(" ") ?? null;
  }

  /** The progress in full, then with less and less of it; empty where there is none. */
  #progressForms(): string[][] {
    if (this.#progressPhase !== this.#phase) return [];
    const { count, rate, note } = this.#progress;
    if (count === null) return [];
    const shown = note === null || note === this.#phase ? [] : [note];
    const rates = rate === null ? [] : [rate];
    const forms = [[count, ...rates, ...shown], [...rates, ...shown], shown, [count]];
    return forms.filter((parts) => parts.length > 0);
  }

  /** Nothing where no end can be told, or where it should have come by now. */
  #etaText(nowMs: number): string {
    const left = this.#left.leftMs(nowMs);
    return left === null || left <= 0
      ? ""
      : ` ETA ${this.#left.isUpTo ? "up to " : ""}${wholeSeconds(left / 1000)}`;
  }
}
