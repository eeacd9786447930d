import { formatDuration } from "../base/duration.ts";
import type { RunnerEvent } from "../journal/runner_event.ts";
import type { NameRun } from "./run_name.ts";
import { clip, formatNumber, printable } from "../base/text.ts";

/** Characters that a run's name keeps in a line too narrow for everything. */
const LEAST_NAME = 8;

/** What the live line shows, kept up to date from the runner's events. Times in ms on the caller's clock. */
export class LiveState {
  #now: { index: number; title: string; startedMs: number } | null = null;
  /** What is waited for, until when. */
  #wait: { endMs: number; what: string } | null = null;
  #phase: string | null = null;
  #progress: { done: number; total: number; unit: string; sinceMs: number; sinceDone: number } | null = null;
  #note: string | null = null;
  #studyDir = "";
  #runId = "";
  /** When anything was heard of the run. */
  #heardMs = 0;
  #finished = 0;
  #busyMs = 0;
  #left = 0;
  #total: number;
  readonly #name: NameRun;

  constructor(total: number, todo: number, name: NameRun) {
    this.#total = total;
    this.#left = todo;
    this.#name = name;
  }

  take(event: RunnerEvent, nowMs: number): void {
    this.#heardMs = nowMs;
    switch (event.type) {
      case "gap_started":
        this.#wait = { endMs: nowMs + event.seconds * 1000, what: `${event.kind} gap` };
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
        this.#progress = null;
        this.#note = null;
        this.#runId = event.run_id;
        this.#now = { index: event.run.index, title: this.#name(event.run), startedMs: nowMs };
        break;
      case "run_phase":
        if (event.phase !== this.#phase) this.#progress = null;
        this.#phase = event.phase;
        break;
      case "run_progress": {
        const { done, total, unit } = event;
        const since = this.#progress?.unit === unit && done >= this.#progress.sinceDone
          ? this.#progress
          : null;
        this.#progress = {
          done,
          total,
          unit,
          sinceMs: since?.sinceMs ?? nowMs,
          sinceDone: since?.sinceDone ?? done,
        };
        this.#note = event.note;
        break;
      }
      case "run_finished":
        this.#now = null;
        if (event.will_retry) break;
        this.#finished += 1;
        this.#left -= 1;
        this.#busyMs += event.record.timing.duration_s * 1000;
        break;
      case "study_finished":
        this.#wait = null;
        break;
      case "runs_added":
        this.#total = event.total;
        this.#left += event.runs.length;
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

  /** What runs now, in full: for whoever asks without a terminal. */
  tell(nowMs: number): string {
    const text = printable(this.#text(nowMs, Infinity));
    if (this.#now === null) return text === "" ? "no run is under way" : text;
    const silence = wholeSeconds((nowMs - this.#heardMs) / 1000);
    return `${text}; last heard of ${silence} ago; its log: ${
      printable(`${this.#studyDir}/runs/${this.#runId}/worker.log`)
    }`;
  }

  /** Where the line is too long the run's name gives way: what moves is what people watch. */
  #text(nowMs: number, room: number): string {
    const eta = this.#etaText(nowMs);
    if (this.#wait !== null) {
      return `${this.#wait.what}: ${wholeSeconds((this.#wait.endMs - nowMs) / 1000)} remaining${eta}`;
    }
    if (this.#now === null) return "";
    const { index, title, startedMs } = this.#now;
    const phase = this.#phase === null ? "" : ` ${this.#phase}`;
    const elapsed = wholeSeconds(Math.floor((nowMs - startedMs) / 1000));
    const counter = `[${index}/${this.#total}] `;
    const rest = `${phase}${this.#progressText(nowMs)} ${elapsed}${eta}`;
    return `${counter}${clip(title, Math.max(LEAST_NAME, room - counter.length - rest.length))}${rest}`;
  }

  #progressText(nowMs: number): string {
    if (this.#progress === null) return "";
    const { done, total, unit, sinceMs, sinceDone } = this.#progress;
    const rate = (done - sinceDone) / ((nowMs - sinceMs) / 1000);
    const speed = Number.isFinite(rate) && rate > 0 ? ` ${formatNumber(rate)} ${unit}/s` : "";
    return ` ${done}/${total} ${unit}${speed}${
      this.#note === null || this.#note === this.#phase ? "" : ` ${this.#note}`
    }`;
  }

  /** From the mean of the runs so far; nothing before the first has ended. */
  #etaText(nowMs: number): string {
    if (this.#finished === 0) return "";
    const meanMs = this.#busyMs / this.#finished;
    const inRunMs = this.#now === null ? 0 : Math.min(meanMs, nowMs - this.#now.startedMs);
    return ` ETA ${wholeSeconds((this.#left * meanMs - inRunMs) / 1000)}`;
  }
}

/** `47s`, `4m 32s`, `2h 05m`: no part of a second, so that the line does not flicker. */
function wholeSeconds(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  if (whole < 120) return `${whole}s`;
  if (whole < 7200) return `${Math.floor(whole / 60)}m ${String(whole % 60).padStart(2, "0")}s`;
  return formatDuration(whole);
}
