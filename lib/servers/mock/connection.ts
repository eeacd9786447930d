import { stampNs } from "../../base/stamp.ts";
import { descriptorOf, forgetDescriptor, resetNow, sendNow } from "./direct_send.ts";
import { type BadRequest, type MockRequest, RequestReader } from "./request_reader.ts";

/** Who answers the requests of a connection. */
export interface Answering {
  /** Answers now or later; ends with `connection.finish` or `connection.close`. */
  answer(request: MockRequest, connection: Connection): void;
  /** For a request that could not be read; ends the connection. */
  refuse(bad: BadRequest, connection: Connection): void;
  /** The connection is gone, by whomever; told once. */
  gone(connection: Connection): void;
}

const READ_BYTES = 16 * 1024;
/** With so much unwritten the client reads no more, and the connection ends. */
const MOST_UNWRITTEN = 8 * 1024 * 1024;
/** Between the two halves of a write that is split. */
const SPLIT_MS = 2;

const encoder = new TextEncoder();
/** What is written at once is encoded here: it is with the kernel before the next text comes. */
const scratch = new Uint8Array(64 * 1024);
const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

/** A client's connection: requests come out of it one after the other, texts go into it in order. */
export class Connection {
  readonly #socket: Deno.TcpConn;
  readonly #descriptor: number | null;
  readonly #answering: Answering;
  readonly #reader = new RequestReader();
  /** Bytes not yet given to the kernel, the first of them in a write; empty while none is under way. */
  #unwritten: Uint8Array[] = [];
  #unwrittenBytes = 0;
  #isAnswering = false;
  #isClosing = false;
  #isGone = false;
  /** Requests that came, the one at hand included. */
  requests = 0;
  /** Since when no request is at hand, on the clock of `performance.now()`. */
  idle_since_ms = performance.now();
  /** Resolves once nothing is read any more. */
  readonly ended: Promise<void>;
  readonly #wrote = (count: number): void => this.#afterWrite(count);
  readonly #broke = (): void => this.#end();

  constructor(socket: Deno.TcpConn, readonly number: number, answering: Answering) {
    this.#socket = socket;
    this.#descriptor = descriptorOf(socket);
    this.#answering = answering;
    socket.setNoDelay(true);
    this.ended = this.#read();
  }

  get isIdle(): boolean {
    return !this.#isAnswering;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /**
   * Writes ASCII text, in two parts where that is asked. True where the kernel has taken all of it by the return of the
   * call: what was stamped right before is then stamped right. False where the client does not keep up.
   */
  send(text: string, split_at = 0): boolean {
    if (split_at === 0 || text.length <= split_at) return this.#send(text);
    this.#send(text.slice(0, split_at));
    this.#pause();
    this.#send(text.slice(split_at));
    return true;
  }

  /** The answer is whole: on to the next request, or the end where the connection is not to be kept. */
  finish(isKept: boolean): void {
    this.#isAnswering = false;
    this.idle_since_ms = performance.now();
    if (!isKept) return this.close();
    if (!this.#isGone) this.#next(stampNs());
  }

  /** Ends the connection once everything is written; or now and by a reset, where that is asked and can be had. */
  close(form: "close" | "reset" = "close"): void {
    this.#isClosing = true;
    if (form === "reset" && this.#descriptor !== null) resetNow(this.#descriptor);
    if (this.#unwritten.length === 0) this.#end();
  }

  async #read(): Promise<void> {
    const bytes = new Uint8Array(READ_BYTES);
    try {
      while (!this.#isGone) {
        const count = await this.#socket.read(bytes);
        const arrived_ns = stampNs();
        if (count === null) break;
        this.#reader.push(bytes.subarray(0, count));
        if (this.#reader.isFlooded) break;
        if (!this.#isAnswering && !this.#isClosing) this.#next(arrived_ns);
      }
    } catch {
      // Reset by the client, or closed by us.
    }
    this.#end();
  }

  #next(arrived_ns: bigint): void {
    const request = this.#reader.next(arrived_ns);
    if (request === null) {
      if (this.#reader.expectsContinue) this.send(CONTINUE);
      return;
    }
    this.#isAnswering = true;
    this.requests += 1;
    if ("bad_status" in request) this.#answering.refuse(request, this);
    else this.#answering.answer(request, this);
  }

  #send(text: string): boolean {
    if (this.#isGone) return false;
    if (this.#descriptor === null || this.#unwritten.length > 0 || text.length > scratch.length) {
      this.#write(encoder.encode(text));
      return false;
    }
    const { written } = encoder.encodeInto(text, scratch);
    const sent = sendNow(this.#descriptor, scratch, written);
    if (sent === written) return true;
    // Full, or broken: the slow way tells which.
    this.#write(scratch.slice(Math.max(0, sent), written));
    return false;
  }

  #write(bytes: Uint8Array): void {
    this.#unwrittenBytes += bytes.length;
    if (this.#unwrittenBytes > MOST_UNWRITTEN) return this.#end();
    this.#unwritten.push(bytes);
    if (this.#unwritten.length === 1) this.#socket.write(bytes).then(this.#wrote, this.#broke);
  }

  /** An empty piece stands for a pause. */
  #pause(): void {
    if (this.#isGone) return;
    this.#unwritten.push(new Uint8Array(0));
    if (this.#unwritten.length === 1) setTimeout(this.#wrote, SPLIT_MS, 0);
  }

  #afterWrite(count: number): void {
    if (this.#isGone) return;
    const [first = new Uint8Array(0)] = this.#unwritten;
    this.#unwrittenBytes -= count;
    if (count < first.length) this.#unwritten[0] = first.subarray(count);
    else this.#unwritten.shift();
    const [next] = this.#unwritten;
    if (next === undefined) {
      if (this.#isClosing) this.#end();
    } else if (next.length === 0) {
      setTimeout(this.#wrote, SPLIT_MS, 0);
    } else {
      this.#socket.write(next).then(this.#wrote, this.#broke);
    }
  }

  #end(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#unwritten = [];
    if (this.#descriptor !== null) forgetDescriptor(this.#descriptor);
    try {
      this.#socket.close();
    } catch {
      // Closed already.
    }
    this.#answering.gone(this);
  }
}
