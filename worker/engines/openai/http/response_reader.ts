import { HttpFailure } from "./failure.ts";
import * as messages from "./messages.ts";

/** Who takes an answer while it comes. Nothing waits for it: a slow sink would throttle the server. */
export interface AnswerSink {
  /** The final head, never a 1xx. Names in lower case, the values of equal names joined by ", ". */
  readonly head: (status: number, headers: ReadonlyMap<string, string>, t_ns: bigint) => void;
  /** A part of the body without its framing; the bytes are valid until this returns. */
  readonly body: (bytes: Uint8Array, t_ns: bigint) => void;
}

/** Limits above which an answer is `too_large`, in bytes. */
export interface AnswerLimits {
  /** Status line and header lines, those of 1xx answers and trailers included. */
  readonly maxHeadBytes: number;
  readonly maxBodyBytes: number;
}

type Part =
  | "head"
  | "length"
  | "until_close"
  | "chunk_size"
  | "chunk_extension"
  | "chunk_data"
  | "chunk_end"
  | "trailers"
  | "whole";

const [TAB, LF, CR, SPACE, SEMICOLON] = [9, 10, 13, 32, 59];
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: .*)?$/;
const HEADER_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/;
const PROTOCOL = "HTTP/";
const latin1 = new TextDecoder("latin1");

/** Reads one answer from bytes as they come, cut anywhere. Throws an HttpFailure where they are no answer. */
export class ResponseReader {
  readonly #sink: AnswerSink;
  readonly #limits: AnswerLimits;
  readonly #method: string;
  #part: Part = "head";
  /** A line that is not yet at its end. */
  #line = "";
  #headBytes = 0;
  #bodyBytes = 0;
  /** Null before the status line. */
  #status: number | null = null;
  #minor = 1;
  #headers = new Map<string, string>();
  #lastName = "";
  /** Bytes to come of this chunk, or of the whole body. */
  #left = 0;
  #hasDigits = false;
  #extensionBytes = 0;
  #hasBegun = false;
  #isKept = false;
  #hasSurplus = false;

  constructor(method: string, sink: AnswerSink, limits: AnswerLimits) {
    this.#method = method;
    this.#sink = sink;
    this.#limits = limits;
  }

  /** True once a byte has come. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  get isWhole(): boolean {
    return this.#part === "whole";
  }

  /** True where the connection can carry another exchange after a whole answer. */
  get isReusable(): boolean {
    return this.isWhole && this.#isKept && !this.#hasSurplus;
  }

  /** How long the server keeps an idle connection by its own word (`Keep-Alive: timeout=5`), ms; null where untold. */
  get keepAliveMs(): number | null {
    const seconds = /(?:^|[,\s])timeout=(\d{1,6})/i.exec(this.#headers.get("keep-alive") ?? "")?.[1];
    return seconds === undefined ? null : Number(seconds) * 1000;
  }

  /** Takes what one read gave: the first `size` of the bytes. A view of them for each read would cost more than this. */
  push(bytes: Uint8Array<ArrayBuffer>, t_ns: bigint, size = bytes.length): void {
    this.#hasBegun = true;
    let at = 0;
    while (at < size && this.#part !== "whole") at = this.#step(bytes, at, size, t_ns);
    if (at < size) this.#hasSurplus = true;
  }

  /** The connection is at its end: the answer's own, or a failure. */
  end(): void {
    if (this.#part === "until_close") this.#part = "whole";
    if (!this.isWhole) throw new HttpFailure("reset", messages.closedEarly(this.#hasBegun, this.#bodyBytes));
  }

  /** Reads on from `at`; returns where to go on, at most `size`. */
  #step(bytes: Uint8Array<ArrayBuffer>, at: number, size: number, t_ns: bigint): number {
    switch (this.#part) {
      case "chunk_size":
        return this.#chunkSize(bytes, at, size);
      case "chunk_data":
      case "length": {
        const end = Math.min(size, at + this.#left);
        this.#left -= end - at;
        this.#tell(bytes, at, end, t_ns);
        if (this.#left === 0) this.#part = this.#part === "length" ? "whole" : "chunk_end";
        return end;
      }
      case "chunk_end": {
        if (bytes[at] === LF) this.#begin("chunk_size");
        else if (bytes[at] !== CR) throw new HttpFailure("protocol", messages.badChunk());
        return at + 1;
      }
      case "chunk_extension": {
        const end = lineEnd(bytes, at, size);
        // Each chunk has the whole limit: an answer of many chunks is none too large by their line ends.
        this.#extensionBytes += end - at;
        if (this.#extensionBytes > this.#limits.maxHeadBytes) {
          throw new HttpFailure("protocol", messages.badChunk());
        }
        if (end === size) return size;
        this.#begin(this.#left === 0 ? "trailers" : "chunk_data");
        return end + 1;
      }
      case "until_close":
        this.#tell(bytes, at, size, t_ns);
        return size;
      default:
        return this.#headLine(bytes, at, size, t_ns);
    }
  }

  #begin(part: Part): void {
    this.#part = part;
    if (part !== "chunk_size") return;
    this.#left = 0;
    this.#hasDigits = false;
    this.#extensionBytes = 0;
  }

  #tell(bytes: Uint8Array<ArrayBuffer>, from: number, to: number, t_ns: bigint): void {
    this.#bodyBytes += to - from;
    const { maxBodyBytes } = this.#limits;
    if (this.#bodyBytes > maxBodyBytes) {
      throw new HttpFailure("too_large", messages.bodyTooLarge(maxBodyBytes));
    }
    this.#sink.body(new Uint8Array(bytes.buffer, bytes.byteOffset + from, to - from), t_ns);
  }

  #chunkSize(bytes: Uint8Array, from: number, size: number): number {
    for (let at = from; at < size; at++) {
      const byte = bytes[at] ?? 0;
      const digit = hexDigit(byte);
      if (digit === -1) {
        const ends = byte === CR || byte === LF || byte === SEMICOLON || byte === SPACE || byte === TAB;
        if (!ends || !this.#hasDigits) break;
        this.#begin("chunk_extension");
        return at;
      }
      this.#left = this.#left * 16 + digit;
      this.#hasDigits = true;
      if (this.#left > Number.MAX_SAFE_INTEGER) break;
      if (at === size - 1) return size;
    }
    throw new HttpFailure("protocol", messages.badChunk());
  }

  /** A line of the head or of the trailers. */
  #headLine(bytes: Uint8Array, at: number, size: number, t_ns: bigint): number {
    const end = lineEnd(bytes, at, size);
    this.#countHead(end - at + 1);
    this.#line += latin1.decode(bytes.subarray(at, end));
    this.#checkBeginning();
    if (end === size) return size;
    const line = this.#line.endsWith("\r") ? this.#line.slice(0, -1) : this.#line;
    this.#line = "";
    if (this.#part === "head") this.#takeLine(line, t_ns);
    else if (line === "") this.#part = "whole";
    return end + 1;
  }

  #countHead(count: number): void {
    this.#headBytes += count;
    const { maxHeadBytes } = this.#limits;
    if (this.#headBytes > maxHeadBytes) {
      throw new HttpFailure("too_large", messages.headTooLarge(maxHeadBytes));
    }
  }

  /** What is no HTTP may have no line at all: it is told by its first bytes. */
  #checkBeginning(): void {
    if (this.#part !== "head" || this.#status !== null) return;
    const start = this.#line.slice(0, PROTOCOL.length);
    if (start !== "\r" && !PROTOCOL.startsWith(start)) {
      throw new HttpFailure("protocol", messages.notHttp(this.#line.slice(0, 40)));
    }
  }

  #takeLine(line: string, t_ns: bigint): void {
    if (this.#status === null) {
      // An empty line before the status line is to be let pass (RFC 9112, 2.2).
      if (line === "") return;
      const [, minor, status] = STATUS_LINE.exec(line) ?? [];
      if (status === undefined) throw new HttpFailure("protocol", messages.notHttp(line.slice(0, 40)));
      this.#minor = Number(minor);
      this.#status = Number(status);
    } else if (line === "") {
      this.#finishHead(this.#status, t_ns);
    } else if ((line.startsWith(" ") || line.startsWith("\t")) && this.#lastName !== "") {
      this.#headers.set(this.#lastName, `${this.#headers.get(this.#lastName) ?? ""} ${line.trim()}`);
    } else {
      const [, name, value = ""] = HEADER_LINE.exec(line) ?? [];
      if (name === undefined) throw new HttpFailure("protocol", messages.badHeaderLine());
      this.#lastName = name.toLowerCase();
      const known = this.#headers.get(this.#lastName);
      this.#headers.set(this.#lastName, known === undefined ? value : `${known}, ${value}`);
    }
  }

  #finishHead(status: number, t_ns: bigint): void {
    if (status === 101) throw new HttpFailure("protocol", messages.switchesProtocol());
    if (status < 200) {
      [this.#status, this.#lastName] = [null, ""];
      this.#headers = new Map();
      return;
    }
    const encoding = this.#headers.get("content-encoding") ?? "";
    if (!/^(identity)?$/i.test(encoding)) throw new HttpFailure("protocol", messages.encoded(encoding));
    const words = (this.#headers.get("connection") ?? "").toLowerCase().split(/\s*,\s*/);
    this.#isKept = this.#minor === 1 ? !words.includes("close") : words.includes("keep-alive");
    this.#beginBody(status);
    this.#sink.head(status, this.#headers, t_ns);
  }

  /** The body's framing (RFC 9112, 6.3). */
  #beginBody(status: number): void {
    const hasNoBody = this.#method === "HEAD" || status === 204 || status === 304 ||
      (this.#method === "CONNECT" && status < 300);
    const coding = this.#headers.get("transfer-encoding");
    const length = this.#headers.get("content-length");
    if (hasNoBody) {
      this.#part = "whole";
    } else if (coding !== undefined) {
      if (!/^(identity,\s*)?chunked$/i.test(coding)) {
        throw new HttpFailure("protocol", messages.encoded(coding));
      }
      this.#begin("chunk_size");
    } else if (length !== undefined) {
      const [first = "", ...others] = length.split(/\s*,\s*/);
      if (!/^\d{1,15}$/.test(first) || others.some((other) => other !== first)) {
        throw new HttpFailure("protocol", messages.badHeaderLine());
      }
      this.#left = Number(first);
      if (this.#left > this.#limits.maxBodyBytes) {
        throw new HttpFailure("too_large", messages.bodyTooLarge(this.#limits.maxBodyBytes));
      }
      this.#part = this.#left === 0 ? "whole" : "length";
    } else {
      this.#part = "until_close";
      this.#isKept = false;
    }
  }
}

/** Where the line ends, at its LF; `size` where that is still to come. */
function lineEnd(bytes: Uint8Array, from: number, size: number): number {
  let at = from;
  while (at < size && bytes[at] !== LF) at++;
  return at;
}

/** The value of a hexadecimal digit; -1 for any other byte. */
function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
