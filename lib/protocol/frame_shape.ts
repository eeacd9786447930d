import { MAX_DEPTH, MAX_KEPT_FRAME_BYTES, MAX_KEYS, MAX_TEXT_BYTES, MAX_VALUES } from "./bounds.ts";
import { CUT } from "./marks.ts";
import {
  frameTooDeep,
  frameTooLargeWhenCut,
  frameWithTooManyKeys,
  frameWithTooManyValues,
} from "./messages.ts";

const CUT_BYTES = new TextEncoder().encode(CUT);

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LOWER_U = 0x75;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** After a backslash one letter follows, and after `u` four digits: what is still to come of an escape sequence. */
const LETTER = 5;
const DIGITS = 4;

/**
 * Follows the JSON text of a long frame while its bytes come, so that nothing has to be parsed to know that it is too
 * much: long texts are cut, and marked as cut, and depth, keys, values and bytes are counted.
 */
export class FrameShape {
  #excess: string | null = null;
  #depth = 0;
  #keys = 0;
  #values = 0;
  #keptBytes = 0;
  #inText = false;
  #textBytes = 0;
  #escape = 0;
  #isCutting = false;

  /** What there is too much of, as `holds more keys than the limit of 9`; null so far. It stands once it is set. */
  get excess(): string | null {
    return this.#excess;
  }

  /** What is kept of `bytes`, in order: views of it, and marks. */
  push(bytes: Uint8Array): Uint8Array[] {
    const parts: Uint8Array[] = [];
    let from = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (!this.#inText) {
        this.#count(byte);
        continue;
      }
      this.#textBytes += 1;
      if (this.#escape !== 0) {
        this.#escape = this.#escape === LETTER ? (byte === LOWER_U ? DIGITS : 0) : this.#escape - 1;
        continue;
      }
      if (byte === QUOTE) {
        this.#inText = false;
        if (this.#isCutting) from = at;
        this.#isCutting = false;
        continue;
      }
      if (!this.#isCutting && this.#textBytes > MAX_TEXT_BYTES) {
        parts.push(bytes.subarray(from, at), CUT_BYTES);
        this.#isCutting = true;
      }
      if (byte === BACKSLASH) this.#escape = LETTER;
    }
    if (!this.#isCutting) parts.push(bytes.subarray(from));
    for (const part of parts) this.#keptBytes += part.length;
    if (this.#keptBytes > MAX_KEPT_FRAME_BYTES) {
      this.#tooMuch(frameTooLargeWhenCut(MAX_KEPT_FRAME_BYTES / 1024 ** 2));
    }
    return parts;
  }

  #count(byte: number): void {
    switch (byte) {
      case QUOTE:
        this.#inText = true;
        this.#textBytes = 0;
        return;
      case COLON:
        if (++this.#keys > MAX_KEYS) this.#tooMuch(frameWithTooManyKeys(MAX_KEYS));
        return;
      case OPEN_LIST:
      case OPEN_OBJECT:
        if (++this.#depth > MAX_DEPTH) {
          this.#tooMuch(frameTooDeep(MAX_DEPTH));
        }
        this.#countValue();
        return;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        this.#depth -= 1;
        return;
      case COMMA:
        return this.#countValue();
    }
  }

  #countValue(): void {
    if (++this.#values > MAX_VALUES) this.#tooMuch(frameWithTooManyValues(MAX_VALUES));
  }

  #tooMuch(excess: string): void {
    this.#excess ??= excess;
  }
}
