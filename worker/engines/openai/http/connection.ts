import { stampNs } from "../../../../lib/base/stamp.ts";
import { wordsOf } from "../../../../lib/base/text.ts";
import { abortFailure, closeQuietly, writeAll } from "./dial.ts";
import { HttpFailure } from "./failure.ts";
import * as messages from "./messages.ts";
import { type AnswerLimits, type AnswerSink, ResponseReader } from "./response_reader.ts";

/** Who takes what happens in an exchange, as it happens. */
export interface ExchangeSink extends AnswerSink {
  /**
   * The request goes to the kernel: the stamp is taken at the call of write, for a busy event loop comes back from it
   * late. It comes again where the request is sent again on a new connection; the last one counts.
   */
  readonly sent: (t_ns: bigint) => void;
}

/** How one request on one connection ended. */
export interface Attempt {
  /** Null where the answer is whole. */
  readonly failure: HttpFailure | null;
  /** True once a byte of the answer has come. */
  readonly hasBegun: boolean;
  /** True where the connection can carry another exchange. */
  readonly isReusable: boolean;
  /** See ResponseReader. */
  readonly keepAliveMs: number | null;
  /** Stamp of the read that ended it. */
  readonly t_ns: bigint;
}

/** An exchange under way. */
interface Current {
  readonly reader: ResponseReader;
  readonly settled: PromiseWithResolvers<Attempt>;
  readonly signal: AbortSignal | null;
  readonly onAbort: () => void;
  isWriting: boolean;
}

/** Takes a dozen events of a stream at once, and is small enough for thousands of connections. */
const BUFFER_BYTES = 4096;

/**
 * One connection. It reads all the time, also while idle, so that its end is known at once; each read gets its stamp
 * before anything else is done.
 */
export class Connection {
  readonly #conn: Deno.Conn;
  readonly #limits: AnswerLimits;
  readonly #onClosed: () => void;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #current: Current | null = null;
  #isOpen = true;

  /** `onClosed` is called once, when the connection is gone by whatever cause. */
  constructor(conn: Deno.Conn, limits: AnswerLimits, onClosed: () => void) {
    this.#conn = conn;
    this.#limits = limits;
    this.#onClosed = onClosed;
    this.#readAll();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * Sends a request and takes its answer. Only one at a time, on an open connection. Rejects where the sink throws;
   * every other failure is in the attempt, and the connection is then closed.
   */
  exchange(
    bytes: Uint8Array,
    method: string,
    sink: ExchangeSink,
    signal: AbortSignal | null,
  ): Promise<Attempt> {
    const settled = Promise.withResolvers<Attempt>();
    const reader = new ResponseReader(method, sink, this.#limits);
    const onAbort = (): void => {
      if (signal !== null) this.#fail(abortFailure(signal), stampNs());
    };
    const current = { reader, settled, signal, onAbort, isWriting: true };
    this.#current = current;
    signal?.addEventListener("abort", onAbort);
    if (signal?.aborted === true) onAbort();
    else this.#write(bytes, current, sink);
    return settled.promise;
  }

  close(): void {
    this.#fail(new HttpFailure("aborted", messages.exchangeAborted()), stampNs());
  }

  async #write(bytes: Uint8Array, current: Current, sink: ExchangeSink): Promise<void> {
    try {
      sink.sent(stampNs());
    } catch (error) {
      return this.#reject(error);
    }
    try {
      await writeAll(this.#conn, bytes);
      current.isWriting = false;
    } catch {
      // A server may answer and close before it has read everything: the reading side finds out.
    }
  }

  async #readAll(): Promise<void> {
    const [conn, buffer] = [this.#conn, this.#buffer];
    while (this.#isOpen) {
      let count: number | null;
      try {
        count = await conn.read(buffer);
      } catch (error) {
        this.#fail(new HttpFailure("reset", messages.connectionLost(wordsOf(error))), stampNs());
        return;
      }
      const t_ns = stampNs();
      if (!this.#isOpen) return;
      this.#take(count, t_ns);
    }
  }

  /** What one read gave; null at the end of the connection. */
  #take(count: number | null, t_ns: bigint): void {
    const current = this.#current;
    // Nobody asked: the server leaves, or says something on its own, such as a 408.
    if (current === null) return this.#close();
    try {
      if (count === null) current.reader.end();
      else current.reader.push(this.#buffer, t_ns, count);
    } catch (error) {
      if (error instanceof HttpFailure) this.#fail(error, t_ns);
      else this.#reject(error);
      return;
    }
    if (count === null) this.#close();
    if (current.reader.isWhole) this.#settle(current, null, t_ns);
  }

  #fail(failure: HttpFailure, t_ns: bigint): void {
    this.#close();
    if (this.#current !== null) this.#settle(this.#current, failure, t_ns);
  }

  #settle(current: Current, failure: HttpFailure | null, t_ns: bigint): void {
    const { reader, settled, isWriting } = current;
    this.#release(current);
    const isReusable = failure === null && this.#isOpen && reader.isReusable && !isWriting;
    if (!isReusable) this.#close();
    settled.resolve({
      failure,
      hasBegun: reader.hasBegun,
      isReusable,
      keepAliveMs: reader.keepAliveMs,
      t_ns,
    });
  }

  /** A sink that throws is a defect of its owner, who shall hear of it. */
  #reject(error: unknown): void {
    this.#close();
    if (this.#current === null) return;
    const { settled } = this.#current;
    this.#release(this.#current);
    settled.reject(error);
  }

  #release({ signal, onAbort }: Current): void {
    signal?.removeEventListener("abort", onAbort);
    this.#current = null;
  }

  #close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeQuietly(this.#conn);
    this.#onClosed();
  }
}
