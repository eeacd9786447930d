import { monotonicMs } from "../base/clock.ts";
import type { DownloadState } from "./download_work.ts";

/** The rate is that of about so long. */
const WINDOW_MS = 10_000;
const LOOK_MS = 250;
/** Below that a rate means nothing. */
const LEAST_MS = 1_000;

/** Adds up the bytes of several files that come side by side, and tells every now and then how fast they do. */
export class ProgressMeter implements Disposable {
  readonly #total: number;
  readonly #tell: (state: DownloadState) => void;
  readonly #nowMs: () => number;
  readonly #timer: number;
  readonly #files = new Map<string, number>();
  /** Sums at moments, oldest first. */
  #marks: { readonly ms: number; readonly bytes: number }[] = [];
  #done = 0;

  constructor(total_bytes: number, tell: (state: DownloadState) => void, nowMs: () => number = monotonicMs) {
    this.#total = total_bytes;
    this.#tell = tell;
    this.#nowMs = nowMs;
    this.#timer = setInterval(() => this.look(), LOOK_MS);
  }

  /** So much of a file is there. `isGain` is false for what was there before. */
  at(file: string, bytes: number, isGain = true): void {
    const gain = bytes - (this.#files.get(file) ?? 0);
    this.#files.set(file, bytes);
    this.#done += gain;
    // What was there, or is thrown away, is no part of the rate.
    if (!isGain || gain < 0) this.#marks = this.#marks.map((mark) => ({ ...mark, bytes: mark.bytes + gain }));
  }

  /** Tells how far it is now. The timer does. */
  look(): void {
    const ms = this.#nowMs();
    this.#marks.push({ ms, bytes: this.#done });
    while ((this.#marks[1]?.ms ?? Infinity) <= ms - WINDOW_MS) this.#marks.shift();
    const first = this.#marks[0] ?? { ms, bytes: this.#done };
    const spanMs = ms - first.ms;
    this.#tell({
      done_bytes: this.#done,
      total_bytes: this.#total,
      bytes_per_s: spanMs < LEAST_MS ? null : (this.#done - first.bytes) * 1000 / spanMs,
    });
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
