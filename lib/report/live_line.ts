import { wholeSeconds } from "../base/duration.ts";
import type { RunnerEvent } from "../journal/runner_event.ts";
import type { NameRun } from "./run_name.ts";
import { clip, printable } from "../base/text.ts";
import { PoolRows } from "./live/pool_rows.ts";
import { type NamedRun, RunState } from "./live/run_state.ts";
import { nothingRunning, runningNowInFull, stillRunning, stillWaiting } from "./live/messages.ts";
import { gapTitle } from "./messages.ts";
import { TimeLeft, type WorkToDo } from "./time_left.ts";

/** What the live line has to know of the study. */
export interface LiveStudy extends WorkToDo {
  /** Runs of the study, those done before included. */
  readonly total: number;
  readonly name: NameRun;
}

/**
 * What is live of a study, kept up to date from the runner's events: one line, or one for each board where several runs are
 * made at a time. Times in ms on the caller's clock.
 */
export class LiveState {
  #now: NamedRun | null = null;
  /** What is waited for, until when. */
  #wait: { endMs: number; what: string } | null = null;
  readonly #state = new RunState();
  readonly #left: TimeLeft;
  #studyDir = "";
  /** When anything was heard of the run. */
  #heardMs = 0;
  #total: number;
  readonly #name: NameRun;
  #pool: PoolRows | null = null;
  /** Runs that have ended, those of earlier sessions included. */
  #done = 0;

  constructor(study: LiveStudy) {
    this.#total = study.total;
    this.#left = new TimeLeft(study);
    this.#name = study.name;
  }

  /** Runs that are under way; none between two of them, in a gap for example. */
  get running(): number {
    return this.#pool?.running ?? (this.#now === null ? 0 : 1);
  }

  /** Which boards an event is about, as a line names them; null where one run is made at a time, or it is about none. */
  placeOf(event: RunnerEvent): string | null {
    return this.#pool?.placeOf(event) ?? null;
  }

  take(event: RunnerEvent, nowMs: number): void {
    this.#heardMs = nowMs;
    this.#left.take(event, nowMs);
    if (event.type === "runs_added") this.#total = event.total;
    if (event.type === "study_started") {
      this.#studyDir = event.study_dir;
      this.#done = event.done_before;
    }
    if (event.type === "run_finished" && isOver(event)) this.#done += 1;
    if (event.type === "pool_opened") {
      this.#pool = new PoolRows(event.boards, {
        counts: () => ({ total: this.#total, done: this.#done }),
        name: this.#name,
      });
    }
    // What the program says after the last run stands alone.
    if (event.type === "study_finished") this.#pool = null;
    if (this.#pool === null) this.#takeOne(event, nowMs);
    else this.#pool.take(event, nowMs);
  }

  #takeOne(event: RunnerEvent, nowMs: number): void {
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
        this.#state.clear();
        this.#now = {
          run_id: event.run_id,
          counter: `[${event.run.index}/${this.#total}] `,
          title: this.#name(event.run),
          startedMs: nowMs,
        };
        break;
      case "run_phase":
      case "run_progress":
        this.#state.take(event, nowMs);
        break;
      case "run_finished":
        this.#now = null;
        break;
      case "study_finished":
        this.#wait = null;
        break;
    }
  }

  /** The line as it should look now, at most `width` wide; empty where nothing runs. */
  draw(nowMs: number, width: number): string {
    const room = roomIn(width);
    return clip(printable(this.#text(nowMs, room)), room);
  }

  /** All that is to be seen now, on a terminal of that size: no line where nothing runs. */
  lines(nowMs: number, { width, height }: { readonly width: number; readonly height: number }): string[] {
    if (this.#pool === null) return [this.draw(nowMs, width)].filter((line) => line !== "");
    const room = roomIn(width);
    return this.#pool.lines(nowMs, { room, height, eta: this.#etaText(nowMs) })
      .map((text) => clip(printable(text), room));
  }

  /** What runs now, in full, for a log or a terminal without a live line. */
  tell(nowMs: number): string {
    if (this.#pool !== null) return this.#pool.tell(nowMs, `${this.#studyDir}/runs`);
    const text = printable(this.#text(nowMs, Infinity));
    if (this.#now === null) return text === "" ? nothingRunning() : text;
    const log = printable(`${this.#studyDir}/runs/${this.#now.run_id}/worker.log`);
    return runningNowInFull(text, (nowMs - this.#heardMs) / 1000, log);
  }

  /** What goes on, as a line of a log; null where nothing does. */
  beat(nowMs: number): string | null {
    const left = this.#left.leftMs(nowMs);
    const left_s = left === null || left < 1000 ? null : left / 1000;
    const how = this.#left.isUpTo ? "up to" : "about";
    if (this.#pool !== null) return this.#pool.beat(left_s, how);
    if (this.#wait !== null) {
      return printable(stillWaiting(this.#wait.what, (this.#wait.endMs - nowMs) / 1000));
    }
    if (this.#now === null) return null;
    const { counter, title, startedMs } = this.#now;
    const { phase, progressText } = this.#state;
    const elapsed_s = (nowMs - startedMs) / 1000;
    return printable(stillRunning(`${counter}${title}`, phase, progressText, elapsed_s, left_s, how));
  }

  #text(nowMs: number, room: number): string {
    const end = this.#etaText(nowMs);
    if (this.#wait !== null) {
      return stillWaiting(this.#wait.what, (this.#wait.endMs - nowMs) / 1000) + end;
    }
    return this.#now === null ? "" : this.#state.line(this.#now, { nowMs, room, end });
  }

  /** Nothing where no end can be told, or where it should have come by now. */
  #etaText(nowMs: number): string {
    const left = this.#left.leftMs(nowMs);
    return left === null || left <= 0
      ? ""
      : ` ETA ${this.#left.isUpTo ? "up to " : ""}${wholeSeconds(left / 1000)}`;
  }
}

function isOver({ record, will_retry }: RunnerEvent & { readonly type: "run_finished" }): boolean {
  return !will_retry && record.outcome.kind !== "interrupted";
}

/** A line that fills the last column would wrap on some terminals. */
function roomIn(width: number): number {
  return Math.max(10, width - 1);
}
