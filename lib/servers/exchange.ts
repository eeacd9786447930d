import { firstAbort, LinkedAbort } from "../base/abort.ts";

/** The longest answer that is read. */
const MOST_BYTES = 256 * 1024;

/** A request to a server of this machine. */
export interface SmallRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What came back; `text` is the body as far as it was read. */
export interface SmallAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * One small request on a connection of its own: no proxy, no redirect. For probes, never for load. Null where no answer with a
 * whole head came in time. Never throws.
 */
export async function exchange(
  port: number,
  request: SmallRequest,
  limitMs: number,
  signal: AbortSignal,
): Promise<SmallAnswer | null> {
  using end = new LinkedAbort([signal]);
  const timer = setTimeout(() => end.abort(null), limitMs);
  const connecting = Deno.connect({ hostname: "127.0.0.1", port }).catch(() => null);
  const connection = await Promise.race([connecting, firstAbort(end.signal).then(() => null)]);
  if (connection === null) {
    clearTimeout(timer);
    connecting.then((late) => late?.close());
    return null;
  }
  const close = closing(connection);
  end.signal.addEventListener("abort", close);
  if (end.signal.aborted) close();
  try {
    await writeAll(connection, requestBytes(port, request));
    return await readAnswer(connection);
  } finally {
    clearTimeout(timer);
    close();
  }
}

/** Closes it once, whoever asks. */
function closing(connection: Deno.Conn): () => void {
  let isOpen = true;
  return () => {
    if (isOpen) connection.close();
    isOpen = false;
  };
}

function requestBytes(port: number, { method, path, headers = {}, body }: SmallRequest): Uint8Array {
  const encoder = new TextEncoder();
  const content = encoder.encode(body ?? "");
  const all = {
    Host: `127.0.0.1:${port}`,
    Connection: "close",
    Accept: "*/*",
    ...headers,
    ...body === undefined ? {} : { "Content-Type": "application/json", "Content-Length": content.length },
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const head = encoder.encode(`${method} ${path} HTTP/1.1\r\n${lines}\r\n`);
  const bytes = new Uint8Array(head.length + content.length);
  bytes.set(head);
  bytes.set(content, head.length);
  return bytes;
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  try {
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
  } catch {
    // It may have answered nevertheless.
  }
}

async function readAnswer(connection: Deno.Conn): Promise<SmallAnswer | null> {
  const bytes = new Uint8Array(MOST_BYTES);
  let length = 0;
  while (length < bytes.length) {
    const count = await connection.read(bytes.subarray(length)).catch(() => null);
    if (count === null) break;
    length += count;
    if (parseAnswer(bytes.subarray(0, length))?.isWhole) break;
  }
  return parseAnswer(bytes.subarray(0, length));
}

/** An answer as far as it has come; null where its head has not. */
export function parseAnswer(bytes: Uint8Array): (SmallAnswer & { readonly isWhole: boolean }) | null {
  // One character a byte, so that lengths are lengths.
  const raw = new TextDecoder("latin1").decode(bytes);
  const headEnd = raw.indexOf("\r\n\r\n");
  const status = /^HTTP\/1\.\d (\d{3})/.exec(raw)?.[1];
  if (headEnd < 0 || status === undefined) return null;
  const head = raw.slice(0, headEnd);
  const start = headEnd + 4;
  const length = /\ncontent-length: *(\d+)/i.exec(head)?.[1];
  const body = /\ntransfer-encoding:[^\n]*chunked/i.test(head)
    ? readChunks(bytes.subarray(start), raw.slice(start))
    : readLength(bytes.subarray(start), length === undefined ? null : Number(length));
  return { status: Number(status), ...body };
}

interface Body {
  readonly text: string;
  readonly isWhole: boolean;
}

function readLength(bytes: Uint8Array, length: number | null): Body {
  const body = length === null ? bytes : bytes.subarray(0, length);
  return { text: new TextDecoder().decode(body), isWhole: length !== null && bytes.length >= length };
}

function readChunks(bytes: Uint8Array, raw: string): Body {
  const decoder = new TextDecoder();
  let text = "";
  for (let at = 0;;) {
    const lineEnd = raw.indexOf("\r\n", at);
    const size = lineEnd < 0 ? NaN : Number.parseInt(raw.slice(at, lineEnd), 16);
    if (Number.isNaN(size)) return { text, isWhole: false };
    if (size === 0) return { text: text + decoder.decode(), isWhole: true };
    text += decoder.decode(bytes.subarray(lineEnd + 2, lineEnd + 2 + size), { stream: true });
    at = lineEnd + 2 + size + 2;
  }
}
