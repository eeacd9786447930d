import { palette } from "../../report/color.ts";
import { LiveState, type LiveStudy } from "../../report/live_line.ts";
import {
  energyReason,
  eventLine,
  type LineContext,
  newWarnings,
  type Verbosity,
} from "../../report/run_line.ts";
import type { RunnerEvent } from "../../journal/runner_event.ts";
import { LiveBlock } from "./live_block.ts";
import { type Streams, USUAL_HEIGHT } from "./streams.ts";

const REDRAW_MS = 200;

/** Without a terminal a line is written once nothing has been for so long: a log in which nothing moves looks hung. */
const BEAT_MS = 60_000;
const BEAT_LOOK_MS = 1000;

/** What a screen has to know of a study. */
export interface ProgressOptions extends LiveStudy {
  readonly verbosity: Verbosity;
  /** How long it is going to take, in words; left out where nothing tells. */
  readonly time?: string;
  /** For commands in hints. */
  readonly study_dir?: string;
}

/** Shows a study on stderr: plain lines, and below them a live line on a terminal, or one line a minute elsewhere. */
export class Progress implements Disposable {
  readonly #streams: Streams;
  #context: LineContext;
  readonly #live: LiveState;
  readonly #saidReasons = new Set<string>();
  /** Codes of warnings of runs, and texts of others. */
  readonly #saidWarnings = new Set<string>();
  readonly #timer: number | null;
  readonly #nowMs: () => number;
  #writtenMs: number;
  readonly #draws: boolean;
  readonly #block = new LiveBlock();

  constructor(streams: Streams, options: ProgressOptions, nowMs = (): number => performance.now()) {
    const { total, name, verbosity, time, study_dir = null } = options;
    const colors = palette(streams.errIsTerminal, streams.noColor);
    this.#streams = streams;
    const saidReasons = this.#saidReasons;
    const rest = time === undefined ? {} : { time };
    this.#context = { total, name, verbosity, study_dir, colors, saidReasons, ...rest };
    this.#live = new LiveState(options);
    this.#nowMs = nowMs;
    this.#writtenMs = nowMs();
    this.#draws = verbosity !== "quiet" && streams.errIsTerminal;
    this.#timer = verbosity === "quiet"
      ? null
      : streams.errIsTerminal
      ? setInterval(() => this.#redraw(), REDRAW_MS)
      : setInterval(() => this.beat(), BEAT_LOOK_MS);
  }

  /** Runs that are under way; none in a gap. */
  get running(): number {
    return this.#live.running;
  }

  take(event: RunnerEvent): void {
    this.#live.take(event, this.#nowMs());
    if (event.type === "runs_added") this.#context = { ...this.#context, total: event.total };
    const context = { ...this.#context, place: this.#live.placeOf(event) };
    const line = eventLine(event, context);
    if (line === null) return;
    this.#write(line);
    if (event.type === "warning") {
      // A trouble of the study that its runs tell, too, each with a path of its own.
      this.#saidWarnings.add(event.text).add(event.code);
    }
    if (event.type !== "run_finished") return;
    const reason = energyReason(event.record);
    if (reason !== null) this.#saidReasons.add(reason);
    for (const warning of newWarnings(event, context, this.#saidWarnings)) {
      this.#saidWarnings.add(warning.code);
      this.#write(warning.line);
    }
  }

  /** Writes what goes on where nothing has been written for a minute. */
  beat(): void {
    const nowMs = this.#nowMs();
    if (nowMs - this.#writtenMs < BEAT_MS) return;
    const line = this.#live.beat(nowMs);
    if (line !== null) this.#write(line);
  }

  /** Says what runs now, on any stderr. */
  tell(): void {
    for (const line of this.#live.tell(this.#nowMs()).split("\n")) this.say(line);
  }

  /** A line of the program's own. */
  say(text: string): void {
    this.#write(`llem: ${text}`);
  }

  /** Takes the live line away until it is drawn the next time; resolves once that is to be seen. */
  async hide(): Promise<void> {
    this.#streams.err.write(this.#block.clear(this.#streams.width()));
    await this.#streams.err.flush();
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#streams.err.write(this.#block.clear(this.#streams.width()));
  }

  #write(line: string): void {
    this.#writtenMs = this.#nowMs();
    const { err, width } = this.#streams;
    const isIdle = err.isIdle;
    const text = `${this.#block.clear(width())}${line}\n`;
    const lines = this.#draws && isIdle ? this.#lines() : [];
    // Several that came back only with the next look would flicker.
    err.write(lines.length > 1 ? text + this.#block.draw(lines, width()) : text);
  }

  #redraw(): void {
    const lines = this.#lines();
    const { err, width } = this.#streams;
    if (lines.length === 0 && !this.#block.isDrawn || !err.isIdle) return;
    err.write(this.#block.draw(lines, width()));
  }

  #lines(): string[] {
    const { width, height } = this.#streams;
    return this.#live.lines(this.#nowMs(), { width: width(), height: height?.() ?? USUAL_HEIGHT });
  }
}
