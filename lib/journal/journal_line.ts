import { sha256Hex } from "../base/canonical_json.ts";
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import type { JournalEvent, StampedEvent } from "./event.ts";

/** Version of the line format. A journal of a higher one is refused untouched. */
export const JOURNAL_VERSION = 1;

const CHECK_DIGITS = 8;
const SEPARATOR = ',"check":"';

/**
 * Longest line that is written, in bytes. What a worker or a study file says is cut before it gets into an event, so that
 * the lines that a crash can tear stay far below what a reader believes of a crash.
 */
export const LONGEST_LINE = 16_384;

/** Lines of any length: they hold whole configurations. One that is torn is told by how it begins. */
const UNBOUNDED: ReadonlySet<JournalEvent["type"]> = new Set(["runs_added"]);

/** How every line begins that `encodeLine` writes. */
export const LINE_BEGIN = `{"v":${JOURNAL_VERSION},"at":"`;

/** One line: a JSON object whose last member is a check value over the text before it. Throws RangeError on a long one. */
export function encodeLine(event: JournalEvent, at: string): string {
  const { type, ...fields } = event;
  const body = JSON.stringify({ v: JOURNAL_VERSION, at, type, ...fields }).slice(0, -1);
  const line = `${body}${SEPARATOR}${check(body)}"}\n`;
  const size = encoder.encode(line).length;
  if (size > LONGEST_LINE && !UNBOUNDED.has(type)) {
    throw new RangeError(
      `A ${type} of ${size} bytes does not go into the journal: ${LONGEST_LINE} are the most`,
    );
  }
  return line;
}

const encoder = new TextEncoder();

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
