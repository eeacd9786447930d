import { askText, type Call } from "../server/call.ts";
import type { Warning } from "../warning.ts";
import { type CounterPath, type MetricsPlace, metricsPlace } from "./counter_names.ts";
import { type CountersSummary, summarise } from "./counter_summary.ts";
import { type Iteration, parseIterations, summariseIterations } from "./iterations.ts";
import { countersCutShort, countersUnavailable } from "./messages.ts";
import { RawFile } from "./raw_file.ts";
import { type CounterReading, readCounters } from "./read_counters.ts";

export interface ScraperOptions {
  /** On a connection of its own, so that no request of the load waits for it. */
  readonly call: Call;
  /** `openai.server.kind`, or `other`. */
  readonly kind: string;
  /** Nanoseconds of CLOCK_MONOTONIC. */
  readonly clock: () => bigint;
  /** Where the answers are kept as they came; null keeps none. */
  readonly rawPath: string | null;
  readonly periodMs?: number;
  readonly maxRawBytes?: number;
}

const PERIOD_MS = 1000;
/** An answer that takes longer is missed: the next one is due long since. */
const LIMIT_MS = 5000;
/** An exposition of vLLM has about 100 kB. */
const MAX_CHARS = 8 * 2 ** 20;
const MAX_RAW_BYTES = 64 * 2 ** 20;

/**
 * Reads a server's counters at both edges of a window and once a second between. Between `begin` and `end` nobody
 * needs to wait for it; what it cannot read is missed and told.
 */
export class CounterScraper {
  readonly #options: ScraperOptions;
  readonly #place: MetricsPlace;
  readonly #readings: CounterReading[] = [];
  readonly #iterations: Iteration[] = [];
  /** Paths that did not answer at the beginning: they are not asked again. */
  readonly #missing = new Map<string, string>();
  #raw: RawFile | null = null;
  #open = false;
  #wake: () => void = () => {};
  #loop: Promise<void> = Promise.resolve();
  #leftOut = 0;

  constructor(options: ScraperOptions) {
    this.#options = options;
    this.#place = metricsPlace(options.kind);
  }

  /** The reading at the window's beginning; later ones follow by themselves. */
  async begin(): Promise<void> {
    const { rawPath, maxRawBytes } = this.#options;
    if (this.#place.paths.length === 0) return;
    if (rawPath !== null) this.#raw = openRaw(rawPath, maxRawBytes ?? MAX_RAW_BYTES);
    await this.#read("begin");
    this.#open = true;
    if (this.#missing.size < this.#place.paths.length) this.#loop = this.#everySecond();
  }

  /** The reading at the window's end, and the last one. */
  async end(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.#wake();
    await this.#loop;
    await this.#read("end");
    this.#leftOut = this.#raw?.kept.left_out ?? 0;
    this.#raw?.[Symbol.dispose]();
    this.#raw = null;
  }

  /** All readings so far, in order: for those who look at a part of them. */
  get readings(): readonly CounterReading[] {
    return this.#readings;
  }

  /** What the window looked like to the server; null where it told nothing. */
  summary(): CountersSummary | null {
    const told = summarise(this.#readings, this.#place.table);
    if (this.#iterations.length === 0) return told;
    return {
      readings: told?.readings ?? 0,
      seconds: told?.seconds ?? 0,
      counters: { ...summariseIterations(this.#iterations), ...told?.counters },
    };
  }

  warnings(): Warning[] {
    const [first] = this.#place.paths;
    const reason = first === undefined ? undefined : this.#missing.get(first.path);
    const missed = first === undefined || reason === undefined ? [] : [{
      code: "server_counters_unavailable",
      text: countersUnavailable(first.path, reason, this.#place.hint),
    }];
    const megabytes = Math.round((this.#options.maxRawBytes ?? MAX_RAW_BYTES) / 2 ** 20);
    const cut = this.#leftOut === 0
      ? []
      : [{ code: "server_counters_cut", text: countersCutShort(megabytes) }];
    return [...missed, ...cut];
  }

  async #everySecond(): Promise<void> {
    const periodMs = this.#options.periodMs ?? PERIOD_MS;
    let dueMs = performance.now() + periodMs;
    while (true) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(0, dueMs - performance.now()));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (!this.#open) return;
      await this.#read("between");
      // Seconds in which the server did not answer are not made up for.
      dueMs = Math.max(dueMs + periodMs, performance.now());
    }
  }

  async #read(when: "begin" | "between" | "end"): Promise<void> {
    for (const place of this.#place.paths) {
      if (this.#missing.has(place.path)) continue;
      const before = this.#options.clock();
      const answer = await askText(this.#options.call, place.path, "GET", null, {
        limitMs: LIMIT_MS,
        maxChars: MAX_CHARS,
      });
      if (answer.kind === "none") {
        if (when === "begin") this.#missing.set(place.path, answer.reason);
        continue;
      }
      // The server looked at its counters somewhere between question and answer.
      const t_ns = (before + this.#options.clock()) / 2n;
      this.#take(place, answer.text, t_ns, when);
      await this.#raw?.keep(t_ns, place.path, answer.text);
    }
  }

  #take({ format }: CounterPath, text: string, t_ns: bigint, when: "begin" | "between" | "end"): void {
    if (format === "prometheus") this.#readings.push(readCounters(text, this.#place.table, t_ns));
    // What was there at the beginning is of the time before the window.
    else if (when !== "begin") { for (const step of parseIterations(text)) this.#iterations.push(step); }
  }
}

/** A folder that cannot be written costs the raw text, not the run. */
function openRaw(path: string, maxBytes: number): RawFile | null {
  try {
    return new RawFile(path, maxBytes);
  } catch {
    return null;
  }
}
