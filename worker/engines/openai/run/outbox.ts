import { append } from "../../../../lib/base/numbers.ts";
import type { Frame, PhaseFrame } from "../../../../lib/protocol/frame.ts";
import type { Report } from "../../../report.ts";

/** Frames of requests wait so long: to write one costs time that the next request's stamp would have. */
const FLUSH_MS = 200;
/** Requests that end together make frames that would take long to write: so long at a time, and answers are read between. */
const TURN_MS = 2;

/** Frames on their way to the runner, in order: those of requests in batches, all others at once. */
export class Outbox implements Disposable {
  readonly #report: Report;
  #waiting: Frame[] = [];
  #timer: number | undefined;

  constructor(report: Report) {
    this.#report = report;
  }

  /** Sent with the next batch. */
  queue(...frames: readonly Frame[]): void {
    append(this.#waiting, frames);
    this.#timer ??= setTimeout(() => this.#turn(), FLUSH_MS);
  }

  /** Sent in the next turn of the loop, after all that waits: what is being done now does not wait for it. */
  soon(...frames: readonly Frame[]): void {
    append(this.#waiting, frames);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#turn(), 0);
  }

  /** Sent now, after all that waits. */
  send(...frames: readonly Frame[]): void {
    this.sendAll(frames);
  }

  /** The same with many. */
  sendAll(frames: readonly Frame[]): void {
    append(this.#waiting, frames);
    this.flush();
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const frames = this.#waiting;
    this.#waiting = [];
    for (const frame of frames) this.#report(frame);
  }

  #turn(): void {
    // A timer that is cleared in the turn of the loop in which it is due comes all the same, beside the next one.
    clearTimeout(this.#timer);
    const untilMs = performance.now() + TURN_MS;
    let written = 0;
    for (const frame of this.#waiting) {
      if (performance.now() >= untilMs) break;
      this.#report(frame);
      written += 1;
    }
    this.#waiting = this.#waiting.slice(written);
    this.#timer = this.#waiting.length === 0 ? undefined : setTimeout(() => this.#turn(), 0);
  }

  /** Sends what waits: the run may end by an error, and the requests before it are known. */
  [Symbol.dispose](): void {
    this.flush();
  }
}

/** An edge of a phase at a time on CLOCK_MONOTONIC, ns. */
export function phase(name: string, edge: PhaseFrame["edge"], t_ns: bigint): PhaseFrame {
  return { type: "phase", name, edge, t_ns };
}
