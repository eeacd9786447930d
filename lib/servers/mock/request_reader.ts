/** A request as it came in. */
export interface MockRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** By names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
  /** When its last byte had been read, CLOCK_MONOTONIC. */
  readonly arrived_ns: bigint;
}

/** A request that is answered with this status; the connection ends with it. */
export interface BadRequest {
  readonly bad_status: 400 | 411 | 413 | 431;
}

const MOST_HEAD = 64 * 1024;
const MOST_BODY = 64 * 1024 * 1024;
const FIRST_BUFFER = 4 * 1024;
const [CR, LF] = [13, 10];

/** The bytes of a connection, cut into requests. Bodies need a Content-Length. */
export class RequestReader {
  #bytes = new Uint8Array(FIRST_BUFFER);
  #length = 0;
  /** Where the search for the end of the head goes on. */
  #searched = 0;
  #head: Head | null = null;

  /** Takes what a read brought; the bytes may be overwritten afterwards. */
  push(bytes: Uint8Array): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = needed;
  }

  /** True where more bytes than a request can have are waiting: somebody writes without end. */
  get isFlooded(): boolean {
    return this.#length > MOST_HEAD + MOST_BODY;
  }

  /** True while a body is awaited of which nothing has come: the moment to say 100 Continue. */
  get expectsContinue(): boolean {
    return this.#head !== null && this.#length === 0 && this.#head.headers.has("expect");
  }

  /** The next request that is here as a whole; null where none is. */
  next(arrived_ns: bigint): MockRequest | BadRequest | null {
    if (this.#head === null) {
      const end = this.#endOfHead();
      if (end === null) return this.#length > MOST_HEAD ? { bad_status: 431 } : null;
      const head = readHead(new TextDecoder().decode(this.#bytes.subarray(0, end)));
      if ("bad_status" in head) return head;
      this.#take(end);
      this.#head = head;
    }
    const { length, ...request } = this.#head;
    if (this.#length < length) return null;
    const body = this.#bytes.slice(0, length);
    this.#take(length);
    this.#head = null;
    return { ...request, body, arrived_ns };
  }

  #endOfHead(): number | null {
    const bytes = this.#bytes;
    for (let at = this.#searched; at + 3 < this.#length; at += 1) {
      if (bytes[at] === CR && bytes[at + 1] === LF && bytes[at + 2] === CR && bytes[at + 3] === LF) {
        return at + 4;
      }
    }
    this.#searched = Math.max(0, this.#length - 3);
    return null;
  }

  #take(count: number): void {
    this.#bytes.copyWithin(0, count, this.#length);
    this.#length -= count;
    this.#searched = 0;
  }
}

interface Head extends Pick<MockRequest, "method" | "path" | "headers"> {
  readonly length: number;
}

function readHead(text: string): Head | BadRequest {
  const [first = "", ...lines] = text.trimEnd().split("\r\n");
  const [, method = "", target = ""] = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/.exec(first) ?? [];
  if (method === "") return { bad_status: 400 };
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = "", value = ""] = /^([^:\s]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === "") return { bad_status: 400 };
    headers.set(name.toLowerCase(), value);
  }
  if (headers.has("transfer-encoding")) return { bad_status: 411 };
  const length = Number(headers.get("content-length") ?? 0);
  if (!Number.isSafeInteger(length) || length < 0) return { bad_status: 400 };
  if (length > MOST_BODY) return { bad_status: 413 };
  // An absolute target is what a proxy is sent.
  const path = target.replace(/^https?:\/\/[^/]*/, "").replace(/[?#].*$/, "") || "/";
  return { method, path, headers, length };
}
