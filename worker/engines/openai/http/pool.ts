import { LinkedAbort } from "../../../../lib/base/abort.ts";
import type { Target } from "../../../../lib/experiment/engines/openai/target.ts";
import { Connection, type ExchangeSink } from "./connection.ts";
import { abortFailure, Dialler } from "./dial.ts";
import { type FailureType, HttpFailure } from "./failure.ts";
import type { Proxy } from "./proxy.ts";
import { raiseOpenFiles } from "./raise_open_files.ts";
import { type HttpRequest, requestBytes } from "./request_text.ts";
import type { AnswerLimits } from "./response_reader.ts";
import { Semaphore } from "./semaphore.ts";

/** How a pool behaves; everything has a default. */
export interface PoolOptions extends Partial<AnswerLimits> {
  readonly proxy?: Proxy | null;
  /** PEM texts, trusted besides the usual ones. */
  readonly caCerts?: readonly string[];
  readonly connectTimeoutMs?: number;
  /** An idle connection older than this is not used again, ms. */
  readonly maxIdleMs?: number;
}

/** What became of a request, after its one retry. */
export type ExchangeEnd =
  & ({ readonly kind: "whole" } | {
    readonly kind: "failed";
    readonly type: FailureType;
    readonly message: string;
  })
  & {
    /** True where it ended on a connection that had carried others. */
    readonly reused: boolean;
    /** True where it was sent twice: its first connection died before the answer began. */
    readonly retried: boolean;
    /** How long its connection took to open, the wait for a turn left out; null where it was open. */
    readonly connect_ms: number | null;
    /** Stamp of the read that ended it; null where no connection came about. */
    readonly t_ns: bigint | null;
  };

/** How often things happened since the pool was made. */
export interface PoolCounts {
  readonly opened: number;
  /** Of these, in the place of one that had closed: there had been as many before. */
  readonly reopened: number;
  readonly failed_to_open: number;
  /** Exchanges begun on a connection that had carried others. */
  readonly reused: number;
  readonly retried: number;
  /** Connections closed by us for their age. */
  readonly dropped_idle: number;
  /** Idle connections closed by the server. */
  readonly closed_idle: number;
  /** Exchanges that the server cut, before or within the answer, retried ones included. */
  readonly reset: number;
}

/** Servers close idle connections after 5 s (uvicorn, llama-server). */
const MAX_IDLE_MS = 4000;
/** What a server says it waits, less what a request needs to reach it. */
const KEEP_ALIVE_MARGIN_MS = 1000;
const CONNECT_TIMEOUT_MS = 10_000;
const MOST_CONNECTS_AT_ONCE = 128;
const MAX_HEAD_BYTES = 65_536;
const MAX_BODY_BYTES = 67_108_864;

interface Idle {
  readonly connection: Connection;
  readonly untilMs: number;
  /** False for one that `open` made and nothing has used yet. */
  readonly hasCarried: boolean;
}

/** Connections to one server. The one used last is used next, so that those not needed grow old and go. */
export class HttpPool implements Disposable {
  readonly #target: Target;
  readonly #options: PoolOptions;
  readonly #limits: AnswerLimits;
  readonly #dialler: Dialler;
  readonly #turns = new Semaphore(MOST_CONNECTS_AT_ONCE);
  readonly #disposed = new AbortController();
  readonly #all = new Set<Connection>();
  /** The most that were open at once. */
  #most = 0;
  /** The one that was used last is at the end. */
  #idle: Idle[] = [];
  readonly #counts = {
    opened: 0,
    reopened: 0,
    failed_to_open: 0,
    reused: 0,
    retried: 0,
    dropped_idle: 0,
    closed_idle: 0,
    reset: 0,
  };

  constructor(target: Target, options: PoolOptions = {}) {
    raiseOpenFiles();
    this.#target = target;
    this.#options = options;
    this.#limits = {
      maxHeadBytes: options.maxHeadBytes ?? MAX_HEAD_BYTES,
      maxBodyBytes: options.maxBodyBytes ?? MAX_BODY_BYTES,
    };
    this.#dialler = new Dialler({
      target,
      proxy: options.proxy ?? null,
      caCerts: options.caCerts ?? [],
      connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    });
  }

  get counts(): PoolCounts {
    return { ...this.#counts };
  }

  /** Connections that are open: idle and at work. */
  get size(): number {
    return this.#all.size;
  }

  /**
   * Opens connections until so many are idle, at most 128 at once. Throws an HttpFailure with the first that fails,
   * once all are decided; what did open stays.
   */
  async open(count: number, signal?: AbortSignal): Promise<void> {
    this.#dropOld();
    const missing = Math.max(0, count - this.#idle.length);
    const opened = await Promise.allSettled(Array.from({ length: missing }, async () => {
      const { connection } = await this.#connect(signal);
      this.#keep(connection, null, false);
    }));
    const failed = opened.find((each) => each.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  /**
   * Sends a request and hands its answer to the sink. A connection used before that dies before the first byte of the
   * answer is replaced by a new one, once. Every failure is in what it resolves to; it rejects only where the sink
   * throws or the request is none. The signal closes the connection at once; with `timeLimit()` as its reason the end is
   * a `timeout`.
   */
  async exchange(request: HttpRequest, sink: ExchangeSink, signal?: AbortSignal): Promise<ExchangeEnd> {
    const bytes = this.#bytesOf(request);
    const old = signal?.aborted === true ? null : this.#takeIdle();
    let retried = false;
    if (old !== null) {
      if (old.hasCarried) this.#counts.reused++;
      const end = await this.#attempt(old.connection, bytes, request, sink, signal);
      const isStale = end.failure?.type === "reset" && !end.hasBegun;
      if (!isStale) return { ...end.told, reused: old.hasCarried, retried, connect_ms: null, t_ns: end.t_ns };
      this.#counts.retried++;
      retried = true;
    }
    let opened: Opened;
    try {
      opened = await this.#connect(signal);
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error;
      return { ...told(error), reused: false, retried, connect_ms: null, t_ns: null };
    }
    const { connection, connect_ms } = opened;
    const end = await this.#attempt(connection, bytes, request, sink, signal);
    return { ...end.told, reused: false, retried, connect_ms, t_ns: end.t_ns };
  }

  /** Closes every connection; exchanges under way end as `aborted`. */
  [Symbol.dispose](): void {
    this.#disposed.abort();
    this.#idle = [];
    for (const connection of [...this.#all]) connection.close();
  }

  #bytesOf(request: HttpRequest): Uint8Array {
    const { authority, isTls } = this.#target;
    const { proxy = null } = this.#options;
    if (proxy === null || isTls) return requestBytes(request, authority);
    // A proxy of plain HTTP is told the whole address (RFC 9112, 3.2.2).
    const headers = proxy.authorization === null
      ? request.headers
      : { ...request.headers, "Proxy-Authorization": proxy.authorization };
    return requestBytes({ ...request, headers }, authority, `http://${authority}`);
  }

  async #attempt(
    connection: Connection,
    bytes: Uint8Array,
    { method }: HttpRequest,
    sink: ExchangeSink,
    signal: AbortSignal | undefined,
  ): Promise<Ended> {
    const { failure, hasBegun, isReusable, keepAliveMs, t_ns } = await connection.exchange(
      bytes,
      method,
      sink,
      signal ?? null,
    );
    if (failure?.type === "reset") this.#counts.reset++;
    if (isReusable) this.#keep(connection, keepAliveMs, true);
    return { failure, hasBegun, t_ns, told: failure === null ? { kind: "whole" } : told(failure) };
  }

  /** A new connection, in its turn. */
  async #connect(signal: AbortSignal | undefined): Promise<Opened> {
    using linked = new LinkedAbort(
      signal === undefined ? [this.#disposed.signal] : [
        signal,
        this.#disposed.signal,
      ],
    );
    if (!await this.#turns.enter(linked.signal)) throw abortFailure(linked.signal);
    try {
      const startMs = performance.now();
      const conn = await this.#dialler.dial(linked.signal);
      const connect_ms = performance.now() - startMs;
      this.#counts.opened++;
      const connection: Connection = new Connection(conn, this.#limits, () => this.#forget(connection));
      this.#all.add(connection);
      if (this.#all.size > this.#most) this.#most = this.#all.size;
      else this.#counts.reopened++;
      if (this.#disposed.signal.aborted) connection.close();
      return { connection, connect_ms };
    } catch (error) {
      if (!linked.signal.aborted) this.#counts.failed_to_open++;
      throw error;
    } finally {
      this.#turns.leave();
    }
  }

  #keep(connection: Connection, keepAliveMs: number | null, hasCarried: boolean): void {
    if (!connection.isOpen) return;
    const { maxIdleMs = MAX_IDLE_MS } = this.#options;
    const toldMs = keepAliveMs === null ? Infinity : keepAliveMs - KEEP_ALIVE_MARGIN_MS;
    const untilMs = performance.now() + Math.min(maxIdleMs, toldMs);
    this.#idle.push({ connection, untilMs, hasCarried });
  }

  #takeIdle(): Idle | null {
    this.#dropOld();
    return this.#idle.pop() ?? null;
  }

  #dropOld(): void {
    const nowMs = performance.now();
    if (!this.#idle.some(({ untilMs }) => untilMs < nowMs)) return;
    const old = this.#idle.filter(({ untilMs }) => untilMs < nowMs);
    this.#idle = this.#idle.filter(({ untilMs }) => untilMs >= nowMs);
    this.#counts.dropped_idle += old.length;
    for (const { connection } of old) connection.close();
  }

  /** A connection is gone. One that is idle here went by the server's doing. */
  #forget(connection: Connection): void {
    this.#all.delete(connection);
    const at = this.#idle.findIndex((idle) => idle.connection === connection);
    if (at === -1) return;
    this.#idle.splice(at, 1);
    this.#counts.closed_idle++;
  }
}

interface Opened {
  readonly connection: Connection;
  readonly connect_ms: number;
}

interface Ended {
  readonly failure: HttpFailure | null;
  readonly hasBegun: boolean;
  readonly t_ns: bigint;
  readonly told: Told;
}

type Told = { readonly kind: "whole" } | {
  readonly kind: "failed";
  readonly type: FailureType;
  readonly message: string;
};

function told({ type, message }: HttpFailure): Told {
  return { kind: "failed", type, message };
}
