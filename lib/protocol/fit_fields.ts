import type { Frame } from "./frame.ts";
import { MAX_DEPTH, MAX_HELLO_ENTRIES, MAX_NAME_CHARS, MAX_TEXT_BYTES, MAX_TEXT_CHARS } from "./bounds.ts";
import { CUT, NOT_A_NUMBER } from "./marks.ts";

/** What was changed in a frame to make it fit. */
export interface Fitting {
  /** Texts, names and lists that were cut. */
  readonly cut: Changes;
  /** Values that are no numbers in JSON (NaN, infinities), which are null now. */
  readonly voided: Changes;
  /** Too many levels; the fields are not to be used. */
  readonly tooDeep: boolean;
}

/** Where a value stands in a frame that was changed, and what stood there. */
export interface Change {
  /** The field of the frame. */
  readonly field: string;
  /** The whole way to it, as `metrics.notes.2`. */
  readonly path: string;
  /** `NaN`; null where it was a text or a list. */
  readonly said: string | null;
}

/** Changes of one kind: the first of each field, some more, and how many there are. */
export class Changes {
  readonly list: Change[] = [];
  count = 0;
  #lastField: string | null = null;

  add(field: string, step: Step, said: string | null): void {
    this.count += 1;
    if (field === this.#lastField && this.list.length >= MOST_TOLD) return;
    this.#lastField = field;
    this.list.push({ field, path: pathOf(step), said });
  }
}

/** So many changes are told of in any case, and after that the first of each field: a list may hold hundreds of thousands. */
const MOST_TOLD = 10;

interface Step {
  readonly above: Step | null;
  readonly key: string | number;
}

interface Walk {
  readonly cut: Changes;
  readonly voided: Changes;
  tooDeep: boolean;
  /** The field at hand, and the bound of the texts in it. */
  field: string;
  textChars: number;
}

/**
 * Cuts what is too long in the fields of a parsed frame, in place, and makes null of what is no number. Its cost is that
 * of one look at every value.
 */
export function fitFields(fields: Record<string, unknown>, type: Frame["type"]): Fitting {
  const walk: Walk = {
    cut: new Changes(),
    voided: new Changes(),
    tooDeep: false,
    field: "",
    textChars: MAX_TEXT_BYTES,
  };
  const bounds = MAX_TEXT_CHARS[type];
  for (const key of fittingKeys(fields, null, walk)) {
    const value = fields[key];
    walk.field = key;
    walk.textChars = bounds[key] ?? MAX_TEXT_BYTES;
    const fitted = fitValue(value, { above: null, key }, MAX_DEPTH - 1, walk);
    if (fitted !== value) fields[key] = fitted;
  }
  if (type === "hello") fitHello(fields, walk);
  return walk;
}

function fitValue(value: unknown, step: Step, levelsLeft: number, walk: Walk): unknown {
  switch (typeof value) {
    case "string":
      return fitText(value, step, walk);
    case "number":
      return Number.isFinite(value) ? value : voided(String(value), step, walk);
    case "object":
      if (value === null) return null;
      if (levelsLeft === 0) walk.tooDeep = true;
      else if (Array.isArray(value)) fitList(value, step, levelsLeft, walk);
      else fitObject(value as Record<string, unknown>, step, levelsLeft, walk);
      return value;
    default:
      return value;
  }
}

function fitList(list: unknown[], step: Step, levelsLeft: number, walk: Walk): void {
  for (let index = 0; index < list.length; index++) {
    const value = list[index];
    // A frame is mostly a list of times.
    if (typeof value === "number" && Number.isFinite(value)) continue;
    const fitted = fitValue(value, { above: step, key: index }, levelsLeft - 1, walk);
    if (fitted !== value) list[index] = fitted;
  }
}

function fitObject(object: Record<string, unknown>, step: Step, levelsLeft: number, walk: Walk): void {
  for (const key of fittingKeys(object, step, walk)) {
    const value = object[key];
    if (typeof value === "number" && Number.isFinite(value)) continue;
    const fitted = fitValue(value, { above: step, key }, levelsLeft - 1, walk);
    if (fitted !== value) object[key] = fitted;
  }
}

/** The keys of an object, none of them too long any more. */
function fittingKeys(object: Record<string, unknown>, step: Step | null, walk: Walk): string[] {
  const keys = Object.keys(object);
  if (keys.every((key) => key.length <= MAX_NAME_CHARS)) return keys;
  for (const key of keys) {
    if (key.length <= MAX_NAME_CHARS) continue;
    const name = cutText(key, MAX_NAME_CHARS);
    walk.cut.add(step === null ? name : walk.field, { above: step, key: name }, null);
    const value = object[key];
    delete object[key];
    object[name] ??= value;
  }
  return Object.keys(object);
}

function fitText(text: string, step: Step, walk: Walk): string | null {
  if (text.startsWith(NOT_A_NUMBER)) return voided(text.slice(NOT_A_NUMBER.length), step, walk);
  const isCut = text.endsWith(CUT);
  if (!isCut && text.length <= walk.textChars) return text;
  walk.cut.add(walk.field, step, null);
  const own = isCut ? text.slice(0, -CUT.length) : text;
  return KEPT_FROM_END.has(walk.field) ? own.slice(-walk.textChars) : cutText(own, walk.textChars);
}

/** What matters of a traceback stands at its end. */
const KEPT_FROM_END: ReadonlySet<string> = new Set(["traceback"]);

function voided(said: string, step: Step, walk: Walk): null {
  walk.voided.add(walk.field, step, said);
  return null;
}

/** Not in the middle of a character that takes two places. */
function cutText(text: string, chars: number): string {
  if (text.length <= chars) return text;
  const last = text.charCodeAt(chars - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? chars - 1 : chars);
}

function fitHello(fields: Record<string, unknown>, walk: Walk): void {
  const { devices, versions } = fields;
  if (Array.isArray(devices) && devices.length > MAX_HELLO_ENTRIES) {
    devices.length = MAX_HELLO_ENTRIES;
    walk.cut.add("devices", { above: null, key: "devices" }, null);
  }
  if (typeof versions === "object" && versions !== null && !Array.isArray(versions)) {
    const entries = Object.entries(versions);
    if (entries.length <= MAX_HELLO_ENTRIES) return;
    fields["versions"] = Object.fromEntries(entries.slice(0, MAX_HELLO_ENTRIES));
    walk.cut.add("versions", { above: null, key: "versions" }, null);
  }
}

/** Longest place that is told. */
const LONGEST_PATH = 160;

function pathOf(step: Step): string {
  const keys: (string | number)[] = [];
  for (let at: Step | null = step; at !== null; at = at.above) keys.unshift(at.key);
  return cutText(keys.join("."), LONGEST_PATH);
}
