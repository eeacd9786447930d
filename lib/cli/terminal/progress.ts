import { palette } from "../../report/color.ts";
import { LiveState } from "../../report/live_line.ts";
import { eventLine, type LineContext, type Verbosity } from "../../report/run_line.ts";
import type { NameRun } from "../../report/run_name.ts";
import type { RunnerEvent } from "../../journal/runner_event.ts";
import type { Streams } from "./streams.ts";

const REDRAW_MS = 200;
const CLEAR_LINE = "\r\x1b[2K";

/** Shows a study on stderr: plain lines, and on a terminal a live line below them. */
export class Progress implements Disposable {
  readonly #streams: Streams;
  #context: LineContext;
  readonly #live: LiveState;
  readonly #timer: number | null;
  #drawn = false;

  constructor(
    streams: Streams,
    options: { total: number; todo: number; name: NameRun; verbosity: Verbosity; study_dir?: string },
  ) {
    const { total, todo, name, verbosity, study_dir = null } = options;
    this.#streams = streams;
    this.#context = {
      total,
      name,
      verbosity,
      study_dir,
      colors: palette(streams.errIsTerminal, streams.noColor),
    };
    this.#live = new LiveState(total, todo, name);
    const draws = streams.errIsTerminal && verbosity !== "quiet";
    this.#timer = draws ? setInterval(() => this.#redraw(), REDRAW_MS) : null;
  }

  take(event: RunnerEvent): void {
    this.#live.take(event, performance.now());
    if (event.type === "runs_added") this.#context = { ...this.#context, total: event.total };
    const line = eventLine(event, this.#context);
    if (line === null) return;
    this.#streams.err.write(`${this.#clear()}${line}\n`);
  }

  /** Says what runs now, on any stderr. */
  tell(): void {
    this.say(this.#live.tell(performance.now()));
  }

  /** A line of the program's own. */
  say(text: string): void {
    this.#streams.err.write(`${this.#clear()}llem: ${text}\n`);
  }

  /** Takes the live line away until it is drawn the next time; resolves once that is to be seen. */
  async hide(): Promise<void> {
    this.#streams.err.write(this.#clear());
    await this.#streams.err.flush();
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#streams.err.write(this.#clear());
  }

  #redraw(): void {
    const text = this.#live.draw(performance.now(), this.#streams.width());
    if (text === "" && !this.#drawn) return;
    this.#streams.err.writeIfIdle(`${CLEAR_LINE}${text}`);
    this.#drawn = text !== "";
  }

  #clear(): string {
    const text = this.#drawn ? CLEAR_LINE : "";
    this.#drawn = false;
    return text;
  }
}
