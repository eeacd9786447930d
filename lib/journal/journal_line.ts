import { sha256Hex } from "../base/canonical_json.ts";
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
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

/**
 * Reads a line back; anything that is not exactly what `encodeLine` wrote is damaged. A higher version is told by
 * its number alone: what else its lines hold, the check value included, is not for us to know.
 */
export function decodeLine(line: string): LineReading {
  const cut = line.lastIndexOf(SEPARATOR);
  const body = line.slice(0, cut);
  const isOurs = cut !== -1 && line.slice(cut) === `${SEPARATOR}${check(body)}"}`;
  const value = parseObject(line);
  const version = value["v"];
  if (typeof version === "number" && version > JOURNAL_VERSION) return { kind: "newer", version };
  if (!isOurs || version !== JOURNAL_VERSION) return { kind: "damaged" };
  const { v: _, check: __, ...event } = value;
  return { kind: "event", event: event as unknown as StampedEvent };
}

/** Empty where the text is no JSON object. */
function parseObject(text: string): JsonObject {
  try {
    const value: Json = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

function check(body: string): string {
  return sha256Hex(body).slice(0, CHECK_DIGITS);
}
