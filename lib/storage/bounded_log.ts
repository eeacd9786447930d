/** Bytes kept from the beginning and from the end of a log; what lies between is counted and dropped. */
export interface LogLimits {
  readonly headBytes: number;
  readonly tailBytes: number;
}

export const DEFAULT_LOG_LIMITS: LogLimits = { headBytes: 1024 * 1024, tailBytes: 1024 * 1024 };

/**
 * A log file of bounded size: the head goes to disk as it comes (so it is there after any death), the tail is
 * held in memory and written at the end. A log that cannot be written is reported once and then given up.
 */
export class BoundedLog {
  readonly #limits: LogLimits;
  readonly #onError: (error: Error) => void;
  /** Made with the first byte that needs it: most logs end within their head. */
  #tail = new Uint8Array(0);
  #file: Deno.FsFile | null = null;
  #headBytes = 0;
  /** Bytes that went to the tail, all of them, kept or not. */
  #tailTotal = 0;

  constructor(path: string, onError: (error: Error) => void, limits: LogLimits = DEFAULT_LOG_LIMITS) {
    this.#limits = limits;
    this.#onError = onError;
    this.#try(() => {
      this.#file = Deno.openSync(path, { write: true, create: true, truncate: true });
    });
  }

  write(bytes: Uint8Array): void {
    const room = Math.max(0, this.#limits.headBytes - this.#headBytes);
    const head = bytes.subarray(0, room);
    if (head.length > 0) this.#writeFile(head);
    this.#headBytes += head.length;
    if (bytes.length > head.length) this.#keepTail(bytes.subarray(head.length));
  }

  /** Writes the tail, with a line that says how much is missing before it. */
  close(): void {
    const kept = Math.min(this.#tailTotal, this.#limits.tailBytes);
    const missing = this.#tailTotal - kept;
    if (missing > 0) this.#writeFile(new TextEncoder().encode(`\n[... ${missing} bytes left out ...]\n`));
    if (kept > 0) this.#writeFile(this.#tailBytes());
    this.#try(() => this.#file?.close());
    this.#file = null;
  }

  /** A ring: byte i of the tail lies at i modulo its size. */
  #keepTail(bytes: Uint8Array): void {
    const size = this.#limits.tailBytes;
    const last = bytes.subarray(Math.max(0, bytes.length - size));
    this.#tailTotal += bytes.length;
    if (this.#tail.length === 0) this.#tail = new Uint8Array(size);
    const start = (this.#tailTotal - last.length) % size;
    const first = last.subarray(0, size - start);
    this.#tail.set(first, start);
    this.#tail.set(last.subarray(first.length), 0);
  }

  #tailBytes(): Uint8Array {
    const size = this.#limits.tailBytes;
    if (this.#tailTotal <= size) return this.#tail.subarray(0, this.#tailTotal);
    const cut = this.#tailTotal % size;
    const ordered = new Uint8Array(size);
    ordered.set(this.#tail.subarray(cut), 0);
    ordered.set(this.#tail.subarray(0, cut), size - cut);
    return ordered;
  }

  #writeFile(bytes: Uint8Array): void {
    this.#try(() => {
      for (let at = 0; this.#file !== null && at < bytes.length;) {
        at += this.#file.writeSync(bytes.subarray(at));
      }
    });
  }

  #try(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#giveUp();
      this.#onError(error as Error);
    }
  }

  #giveUp(): void {
    try {
      this.#file?.close();
    } catch {
      // The first error is the one to report.
    }
    this.#file = null;
  }
}
