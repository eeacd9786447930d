/** How a request ended, as the server knows it. */
export type TruthEnd = "whole" | "cut" | "stalled" | "error" | "refused" | "client_left";

/** What really happened to a request. Times in ns on CLOCK_MONOTONIC, null for what did not come to pass. */
export interface TruthRecord {
  /** The `id` of its answer; null for one that was refused. */
  readonly id: string | null;
  /** Number of its connection, from 0 in order of arrival. */
  readonly connection: number;
  readonly status: number;
  readonly end: TruthEnd;
  /** Its last byte had been read. */
  readonly arrived_ns: bigint;
  /** It got its slot. */
  readonly started_ns: bigint | null;
  readonly headers_ns: bigint | null;
  /** The first and the last chunk with tokens were given to the kernel. */
  readonly first_write_ns: bigint | null;
  readonly last_write_ns: bigint | null;
  readonly ended_ns: bigint;
  readonly input_tokens: number;
  readonly cached_tokens: number;
  readonly output_tokens: number;
  readonly chunks: number;
  /** By how much the latest of its chunks was late. */
  readonly late_ms: number;
  /** Chunks that the kernel did not take at once, because the client had not read: their stamps are too early. */
  readonly queued_writes: number;
}

const BATCH_MS = 200;

/** A file with one JSON object a line for each request that has ended; times are texts of whole nanoseconds. */
export class TruthFile implements Disposable {
  readonly #file: Deno.FsFile;
  #lines = "";
  #timer: number | null = null;

  /** Replaces a file that is there. Throws what the system says. */
  constructor(path: string) {
    this.#file = Deno.openSync(path, { write: true, create: true, truncate: true });
  }

  add(record: TruthRecord): void {
    this.#lines += `${
      JSON.stringify(record, (_, value) => typeof value === "bigint" ? `${value}` : value)
    }\n`;
    this.#timer ??= setTimeout(() => this.#write(), BATCH_MS);
  }

  [Symbol.dispose](): void {
    this.#write();
    this.#file.close();
  }

  #write(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const bytes = new TextEncoder().encode(this.#lines);
    this.#lines = "";
    for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
  }
}
