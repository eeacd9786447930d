import { monotonicMs } from "../../base/clock.ts";
import type { DownloadState } from "../../hub/download_work.ts";
import { downloadText } from "../../report/download_text.ts";
import { downloadingNow } from "../messages.ts";
import type { Streams } from "./streams.ts";

/** Into a log the first line comes so soon: short downloads are not worth one. */
const FIRST_MS = 10_000;
/** And a further one no more often: some downloads take hours. */
const PLAIN_MS = 60_000;
const CLEAR_LINE = "\r\x1b[2K";

/** Shows how far downloads are, before there is a study: a live line on a terminal, else a plain line now and then. */
export class DownloadLine {
  readonly #streams: Streams;
  readonly #nowMs: () => number;
  #drawn = false;
  #nextMs: number | null = null;

  constructor(streams: Streams, nowMs: () => number = monotonicMs) {
    this.#streams = streams;
    this.#nowMs = nowMs;
  }

  take(state: DownloadState | null): void {
    if (state === null) {
      this.#nextMs = null;
      this.#streams.err.write(this.clear());
      return;
    }
    const text = downloadingNow(downloadText(state));
    if (this.#streams.errIsTerminal) {
      this.#streams.err.writeIfIdle(`${CLEAR_LINE}${text.slice(0, Math.max(0, this.#streams.width() - 1))}`);
      this.#drawn = true;
      return;
    }
    const nowMs = this.#nowMs();
    this.#nextMs ??= nowMs + FIRST_MS;
    if (nowMs < this.#nextMs) return;
    this.#nextMs = nowMs + PLAIN_MS;
    this.#streams.err.write(`llem: ${text}\n`);
  }

  /** What takes the live line away, so that another may be written; it is drawn again with the next state. */
  clear(): string {
    const text = this.#drawn ? CLEAR_LINE : "";
    this.#drawn = false;
    return text;
  }
}
