/**
 * Server-sent events out of the bytes of a body, as they come. The lines are read by eventsource-parser; this file cuts
 * the bytes so that it sees whole lines only, which also keeps every character of UTF-8 in one piece.
 */
import { createParser, type EventSourceParser, type ParseError } from "eventsource-parser";

const LF = 0x0a;
const CR = 0x0d;
/** An event longer than this is no chunk of an answer. */
export const MAX_EVENT_BYTES = 8 * 1024 * 1024;

/** One event: its data lines joined, and its name where it has one. Comments are none. */
export interface ServerEvent {
  readonly data: string;
  /** `error` where the server names it so; null for a plain message. */
  readonly name: string | null;
}

const decoder = new TextDecoder();

/** Calls `sink` for each event of the bytes pushed, at once. */
export class EventStream {
  readonly #sink: (event: ServerEvent) => void;
  readonly #parser: EventSourceParser;
  /** The start of a line whose end is still to come, copied: the caller's buffer is used again. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #eventChars = 0;
  #isTooLarge = false;

  constructor(sink: (event: ServerEvent) => void) {
    this.#sink = (event) => {
      this.#eventChars = 0;
      sink(event);
    };
    this.#parser = createParser({
      onEvent: ({ data, event }) => this.#sink({ data, name: event ?? null }),
      onError: (error) => this.#onOddLine(error),
    });
  }

  /** True once an event grew beyond MAX_EVENT_BYTES; what follows is not read. */
  get isTooLarge(): boolean {
    return this.#isTooLarge;
  }

  /** Takes the next bytes; they may be reused afterwards. */
  push(bytes: Uint8Array): void {
    if (this.#isTooLarge) return;
    const end = endOfLastLine(bytes);
    if (end > 0) this.#feed(decoder.decode(this.#joined(bytes.subarray(0, end))));
    if (end < bytes.length) {
      this.#held.push(bytes.slice(end));
      this.#heldBytes += bytes.length - end;
    }
    if (this.#heldBytes + this.#eventChars > MAX_EVENT_BYTES) this.#isTooLarge = true;
  }

  /** The body has ended: an event whose blank line never came counts too, because servers leave it out after [DONE]. */
  end(): void {
    if (this.#isTooLarge) return;
    this.#feed(`${decoder.decode(this.#joined(new Uint8Array()))}\n\n`);
  }

  #feed(text: string): void {
    this.#eventChars += text.length;
    this.#parser.feed(text);
  }

  #joined(bytes: Uint8Array): Uint8Array {
    if (this.#held.length === 0) return bytes;
    const joined = new Uint8Array(this.#heldBytes + bytes.length);
    let at = 0;
    for (const part of [...this.#held, bytes]) {
      joined.set(part, at);
      at += part.length;
    }
    this.#held = [];
    this.#heldBytes = 0;
    return joined;
  }

  /** Older llama-servers write `error: {...}` where the format has only data, event, id and retry. */
  #onOddLine({ type, field, value }: ParseError): void {
    if (type === "unknown-field" && field === "error") this.#sink({ data: value ?? "", name: "error" });
  }
}

/** Where the last whole line of the bytes ends; 0 where none does. No byte of a longer character looks like a line end. */
function endOfLastLine(bytes: Uint8Array): number {
  for (let at = bytes.length - 1; at >= 0; at--) {
    if (bytes[at] === LF || bytes[at] === CR) return at + 1;
  }
  return 0;
}
