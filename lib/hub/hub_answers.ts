import { isJsonObject } from "../base/json.ts";
import { clip, jsonText } from "../base/text.ts";
import { ANSWER_FAULT } from "./messages.ts";

/** What the hub's API must say, and how, before it is used. */

/** Longer names no file system takes. */
const MOST_PATH_LENGTH = 4096;

/** What is wrong with the description of a commit, in words; null for nothing. */
export function commitFault(answer: unknown): string | null {
  if (!isJsonObject(answer)) return ANSWER_FAULT.kind(shown(answer));
  const { sha } = answer;
  return isHex(sha, 40) ? null : ANSWER_FAULT.commit(shown(sha));
}

/** The same for a page of a listing of files. */
export function listingFault(answer: unknown): string | null {
  if (!Array.isArray(answer)) return ANSWER_FAULT.listing(shown(answer));
  for (const entry of answer) {
    const fault = entryFault(entry);
    if (fault !== null) return fault;
  }
  return null;
}

function entryFault(entry: unknown): string | null {
  if (!isJsonObject(entry)) return ANSWER_FAULT.entry(shown(entry));
  if (entry["type"] !== "file") return null;
  const { path, size, oid, lfs } = entry;
  if (typeof path !== "string" || path === "" || path.length > MOST_PATH_LENGTH) {
    return ANSWER_FAULT.name(shown(path));
  }
  if (!Number.isSafeInteger(size) || Number(size) < 0) {
    return ANSWER_FAULT.size(shown(path), shown(size));
  }
  if (lfs === undefined || lfs === null) {
    return isHex(oid, 40) ? null : ANSWER_FAULT.hash(shown(path), shown(oid));
  }
  if (!isJsonObject(lfs)) return ANSWER_FAULT.storage(shown(path), shown(lfs));
  return isHex(lfs["oid"], 64) ? null : ANSWER_FAULT.hash(shown(path), shown(lfs["oid"]));
}

function isHex(value: unknown, length: number): boolean {
  return typeof value === "string" && value.length === length && /^[0-9a-f]+$/.test(value);
}

/** A value for people: it may be long, and anything. */
function shown(value: unknown): string {
  if (value === undefined) return "missing";
  if (isJsonObject(value)) return "an object";
  if (Array.isArray(value)) return "a list";
  return clip(typeof value === "string" ? jsonText(value.slice(0, 100)) : jsonText(value), 80);
}
