import { sha256Hex } from "../base/canonical_json.ts";
import type { JournalEvent, StampedEvent } from "./event.ts";

/** Version of the line format. A journal of a higher one is refused untouched. */
export const JOURNAL_VERSION = 1;

const CHECK_DIGITS = 8;
const SEPARATOR = ',"check":"';

/** One line: a JSON object whose last member is a check value over the text before it. */
export function encodeLine(event: JournalEvent, at: string): string {
  const { type, ...fields } = event;
  const body = JSON.stringify({ v: JOURNAL_VERSION, at, type, ...fields }).slice(0, -1);
  return `${body}${SEPARATOR}${check(body)}"}\n`;
}

/** What a line turned out to be. */
export type LineReading =
  | { readonly kind: "event"; readonly event: StampedEvent }
  | { readonly kind: "damaged" }
  | { readonly kind: "newer"; readonly version: number };

/** Reads a line back; anything that is not exactly what `encodeLine` wrote is damaged. */
export function decodeLine(line: string): LineReading {
  const cut = line.lastIndexOf(SEPARATOR);
  const body = line.slice(0, cut);
  if (cut === -1 || line.slice(cut) !== `${SEPARATOR}${check(body)}"}`) return { kind: "damaged" };
  const { v, ...event } = JSON.parse(`${body}}`);
  return v === JOURNAL_VERSION ? { kind: "event", event } : { kind: "newer", version: Number(v) };
}

function check(body: string): string {
  return sha256Hex(body).slice(0, CHECK_DIGITS);
}
