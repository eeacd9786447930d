import { readerBehind } from "../messages.ts";

/** Something that takes bytes, such as Deno.stdout. */
interface ByteSink {
  write(bytes: Uint8Array): Promise<number>;
}

/** What may wait for a stalled reader. A row of a study has about a kilobyte: nobody reads what comes after so many. */
const MOST_WAITING_BYTES = 64 * 1024 * 1024;

/**
 * Writes text to a stream one piece after the other without ever making the caller wait: a stalled reader must
 * not delay a deadline, a closed one must not end the study.
 */
export class Output {
  /** Called once, with the reason, where the stream takes nothing any more. A reader that left is no reason. */
  onFailure: (reason: string) => void = () => {};
  readonly #sink: ByteSink;
  readonly #mostWaitingBytes: number;
  readonly #queue: Uint8Array[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | null = null;
  #isBroken = false;
  #failure: string | null = null;
  readonly #closed = new AbortController();
  readonly #gaveUp = Promise.withResolvers<void>();

  /** What every text goes through first. */
  change: (text: string) => string = (text) => text;

  constructor(sink: ByteSink, mostWaitingBytes: number = MOST_WAITING_BYTES) {
    this.#sink = sink;
    this.#mostWaitingBytes = mostWaitingBytes;
  }

  /** Why text was lost, though somebody may want it; null where none was. */
  get failure(): string | null {
    return this.#failure;
  }

  /** Queues text that must arrive if anything does. A piece of any size is taken, unless too much waits before it. */
  write(text: string): void {
    if (this.#isBroken || text === "") return;
    if (this.#waitingBytes > this.#mostWaitingBytes) {
      return this.#giveUp(readerBehind(this.#waitingBytes));
    }
    const bytes = new TextEncoder().encode(this.change(text));
    this.#queue.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#writing ??= this.#drain();
  }

  /** False while the reader is behind. */
  get isIdle(): boolean {
    return this.#writing === null;
  }

  /** Queues text that is worth nothing later: it is dropped while the reader is behind. */
  writeIfIdle(text: string): void {
    if (this.isIdle) this.write(text);
  }

  /** Resolves when everything is written or the reader is gone. */
  async flush(): Promise<void> {
    while (this.#writing !== null && !this.#isBroken) {
      await Promise.race([this.#writing, this.#gaveUp.promise]);
    }
  }

  /** Aborts once the stream takes nothing any more, for whatever reason. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Forgets what still waits: nobody will read it. */
  abandon(): void {
    this.#giveUp(null);
  }

  async #drain(): Promise<void> {
    try {
      for (let bytes = this.#queue.shift(); bytes !== undefined; bytes = this.#queue.shift()) {
        for (let at = 0; at < bytes.length;) at += await this.#sink.write(bytes.subarray(at));
        this.#waitingBytes -= bytes.length;
      }
    } catch (error) {
      // The results are on disk, and who closes a pipe wants no more.
      this.#giveUp(error instanceof Deno.errors.BrokenPipe ? null : (error as Error).message);
    }
    this.#writing = null;
  }

  #giveUp(failure: string | null): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#queue.length = 0;
    this.#waitingBytes = 0;
    this.#failure = failure;
    this.#gaveUp.resolve();
    this.#closed.abort();
    if (failure !== null) this.onFailure(failure);
  }
}
