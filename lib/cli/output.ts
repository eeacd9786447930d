/** Something that takes bytes, such as Deno.stdout. */
interface ByteSink {
  write(bytes: Uint8Array): Promise<number>;
}

/**
 * Writes text to a stream one piece after the other without ever making the caller wait: a stalled reader must
 * not delay a deadline, a closed one must not end the study.
 */
export class Output {
  readonly #sink: ByteSink;
  readonly #onLost: (error: Error) => void;
  readonly #queue: Uint8Array[] = [];
  #writing: Promise<void> | null = null;
  #broken = false;

  /** `onLost` hears once why nothing can be written any more, unless the reader has simply gone. */
  constructor(sink: ByteSink, onLost: (error: Error) => void = () => {}) {
    this.#sink = sink;
    this.#onLost = onLost;
  }

  /** Queues text that must arrive if anything does. */
  write(text: string): void {
    if (this.#broken || text === "") return;
    const bytes = new TextEncoder().encode(text);
    this.#queue.push(bytes);
    this.#writing ??= this.#drain();
  }

  /** Queues text that is worth nothing later: it is dropped while the reader is behind. */
  writeIfIdle(text: string): void {
    if (this.#writing === null) this.write(text);
  }

  /** Resolves when everything is written or the reader is gone. */
  async flush(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
  }

  async #drain(): Promise<void> {
    try {
      for (let bytes = this.#queue.shift(); bytes !== undefined; bytes = this.#queue.shift()) {
        for (let at = 0; at < bytes.length;) at += await this.#sink.write(bytes.subarray(at));
      }
    } catch (error) {
      // EPIPE, ENOSPC ...: nobody reads. The results are on disk.
      this.#broken = true;
      this.#queue.length = 0;
      if (!(error instanceof Deno.errors.BrokenPipe)) this.#onLost(error as Error);
    }
    this.#writing = null;
  }
}
