/** A server that says what it is told, byte by byte: no HTTP library stands between a test and the wire. */

const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];

/** One connection as the server sees it. */
export interface Peer {
  /** The next request as it came, head and body; null at the end of the connection. */
  readonly request: () => Promise<string | null>;
  readonly say: (text: string) => Promise<void>;
  readonly close: () => void;
  /** Index of the connection, from 0. */
  readonly index: number;
  readonly conn: Deno.Conn;
}

/** Listens on a free port of this machine until it is disposed. */
export class RawServer implements AsyncDisposable {
  readonly #listener: Deno.Listener;
  readonly #conns = new Set<Deno.Conn>();
  readonly #served: Promise<void>[] = [];
  #accepted = 0;
  readonly port: number;

  constructor(
    serve: (peer: Peer) => Promise<void>,
    listener: Deno.Listener = Deno.listen({ port: 0, hostname: "127.0.0.1" }),
  ) {
    this.#listener = listener;
    this.port = (listener.addr as Deno.NetAddr).port;
    this.#served.push(this.#accept(serve));
  }

  get accepted(): number {
    return this.#accepted;
  }

  async #accept(serve: (peer: Peer) => Promise<void>): Promise<void> {
    for (;;) {
      let conn: Deno.Conn;
      try {
        conn = await this.#listener.accept();
      } catch (error) {
        if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) return;
        continue;
      }
      this.#conns.add(conn);
      const peer = peerOf(conn, this.#accepted++);
      this.#served.push(serve(peer).catch(() => {}).finally(peer.close));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const conn of this.#conns) closeConn(conn);
    await Promise.all(this.#served);
  }
}

function closeConn(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // Closed already.
  }
}

function peerOf(conn: Deno.Conn, index: number): Peer {
  let text = "";
  const buffer = new Uint8Array(65_536);
  const more = async (): Promise<boolean> => {
    const count = await conn.read(buffer);
    if (count !== null) text += decoder.decode(buffer.subarray(0, count));
    return count !== null;
  };
  return {
    index,
    conn,
    request: async () => {
      while (!text.includes("\r\n\r\n")) if (!await more()) return null;
      const end = text.indexOf("\r\n\r\n") + 4;
      const length = Number(/^content-length: (\d+)$/mi.exec(text.slice(0, end))?.[1] ?? 0);
      while (text.length < end + length) if (!await more()) return null;
      const request = text.slice(0, end + length);
      text = text.slice(end + length);
      return request;
    },
    say: async (said) => {
      const bytes = encoder.encode(said);
      for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
    },
    close: () => closeConn(conn),
  };
}

/** A whole answer in chunks. */
export function chunked(...bodies: readonly string[]): string {
  const chunks = bodies.map((body) => `${encoder.encode(body).length.toString(16)}\r\n${body}\r\n`);
  return `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks.join("")}0\r\n\r\n`;
}

/** A whole answer with its length. */
export function answer(body: string, head = "HTTP/1.1 200 OK"): string {
  return `${head}\r\nContent-Length: ${encoder.encode(body).length}\r\n\r\n${body}`;
}
