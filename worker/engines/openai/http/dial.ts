import { firstAbort, LinkedAbort } from "../../../../lib/base/abort.ts";
import { stampNs } from "../../../../lib/base/stamp.ts";
import type { Target } from "../../../../lib/experiment/engines/openai/target.ts";
import { HttpFailure, isTimeLimit } from "./failure.ts";
import * as messages from "./messages.ts";
import type { Proxy } from "./proxy.ts";
import { requestBytes } from "./request_text.ts";
import { ResponseReader } from "./response_reader.ts";

/** How a connection to the server is made. */
export interface Route {
  readonly target: Target;
  readonly proxy: Proxy | null;
  /** PEM texts, trusted besides the usual ones. */
  readonly caCerts: readonly string[];
  /** A connection that is not there by then is a failure; ms. */
  readonly connectTimeoutMs: number;
}

/** Of the answer to CONNECT only the head is read. */
const TUNNEL_LIMITS = { maxHeadBytes: 65_536, maxBodyBytes: Infinity } as const;

/** Connects to the server: TCP, the proxy's tunnel, TLS. Throws an HttpFailure. The signal ends it at once. */
export class Dialler {
  readonly #route: Route;
  /** The address of this machine that answered; null before that. */
  #loopback: string | null = null;

  constructor(route: Route) {
    this.#route = route;
  }

  async dial(signal: AbortSignal): Promise<Deno.Conn> {
    const { connectTimeoutMs } = this.#route;
    using limit = new LinkedAbort([signal]);
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      limit.abort(null);
    }, connectTimeoutMs);
    try {
      return await this.#connect(limit.signal);
    } catch (error) {
      this.#loopback = null;
      if (signal.aborted) throw abortFailure(signal);
      if (isLate) {
        const { isTls } = this.#route.target;
        throw new HttpFailure("connect", messages.connectTimeout(this.#hop, connectTimeoutMs, isTls));
      }
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The first machine on the way, for people. */
  get #hop(): string {
    const { proxy, target } = this.#route;
    return proxy === null ? hostAndPort(target) : `proxy ${hostAndPort(proxy)}`;
  }

  async #connect(signal: AbortSignal): Promise<Deno.Conn> {
    const { target, proxy, caCerts } = this.#route;
    const tcp = await this.#connectTcp(proxy ?? target, signal);
    let conn: Deno.Conn = tcp;
    const close = (): void => closeQuietly(conn);
    signal.addEventListener("abort", close);
    try {
      tcp.setNoDelay(true);
      if (!target.isTls) return tcp;
      if (proxy !== null) await openTunnel(tcp, proxy, target);
      const tls = await Deno.startTls(tcp, {
        hostname: target.hostname,
        caCerts: [...caCerts],
        alpnProtocols: ["http/1.1"],
      });
      conn = tls;
      await tls.handshake();
      return tls;
    } catch (error) {
      close();
      if (error instanceof HttpFailure) throw error;
      throw new HttpFailure("tls", messages.tlsFailed(hostAndPort(target), reasonOf(error)));
    } finally {
      signal.removeEventListener("abort", close);
    }
  }

  async #connectTcp({ hostname, port }: Proxy | Target, signal: AbortSignal): Promise<Deno.TcpConn> {
    let failure: unknown;
    for (const address of this.#addressesOf(hostname)) {
      try {
        const conn = await connectUnlessAborted(address, port, signal);
        if (address !== hostname) this.#loopback = address;
        return conn;
      } catch (error) {
        failure ??= error;
      }
    }
    throw new HttpFailure("connect", messages.connectFailed(this.#hop, reasonOf(failure)));
  }

  /** Deno.connect tries one address of a name: `localhost` would fail where it is ::1 and the server is on 127.0.0.1. */
  #addressesOf(hostname: string): readonly string[] {
    if (hostname !== "localhost") return [hostname];
    return this.#loopback === null ? ["127.0.0.1", "::1"] : [this.#loopback];
  }
}

/** A look-up of a name cannot be ended; whatever comes of it later is closed. */
async function connectUnlessAborted(
  hostname: string,
  port: number,
  signal: AbortSignal,
): Promise<Deno.TcpConn> {
  const connecting = Deno.connect({ hostname, port, signal });
  const conn = await Promise.race([connecting, firstAbort(signal).then(() => null)]);
  if (conn !== null) return conn;
  connecting.then(closeQuietly, () => {});
  throw signal.reason;
}

/** Asks the proxy for a way to the server. */
async function openTunnel(
  tcp: Deno.TcpConn,
  { authorization, ...proxy }: Proxy,
  target: Target,
): Promise<void> {
  const authority = hostAndPort(target);
  let status = 0;
  const reader = new ResponseReader("CONNECT", {
    head: (answered) => status = answered,
    body: () => {},
  }, TUNNEL_LIMITS);
  try {
    const headers: Record<string, string> = authorization === null
      ? {}
      : { "Proxy-Authorization": authorization };
    const request = { method: "CONNECT", path: authority, headers, body: new Uint8Array() };
    await writeAll(tcp, requestBytes(request, authority));
    const buffer = new Uint8Array(4096);
    while (status === 0) {
      const count = await tcp.read(buffer);
      if (count === null) reader.end();
      else reader.push(buffer, stampNs(), count);
    }
  } catch (error) {
    throw new HttpFailure("connect", messages.proxyFailed(hostAndPort(proxy), authority, reasonOf(error)));
  }
  if (status >= 300) {
    throw new HttpFailure("connect", messages.proxyRefused(hostAndPort(proxy), authority, status));
  }
}

/** Writes all of the bytes. */
export async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  let at = await conn.write(bytes);
  while (at < bytes.length) at += await conn.write(bytes.subarray(at));
}

/** What an aborted signal means for its exchange. */
export function abortFailure(signal: AbortSignal): HttpFailure {
  return isTimeLimit(signal.reason)
    ? new HttpFailure("timeout", messages.timeLimitPassed())
    : new HttpFailure("aborted", messages.exchangeAborted());
}

export function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // Closed already, or taken over by TLS.
  }
}

export function hostAndPort(
  { hostname, port }: { readonly hostname: string; readonly port: number },
): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
