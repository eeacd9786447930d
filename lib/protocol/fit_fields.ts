import type { HiddenTexts } from "../experiment/hidden_texts.ts";
import { type Frame, PHASES } from "./frame.ts";
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
  /** What is to be hidden in the field at hand; null where nothing is. */
  hidden: HiddenTexts | null;
}

/** What is to be hidden in a frame, and the fields that the protocol names: these names are no secret. */
export interface Hiding {
  readonly hidden: HiddenTexts;
  readonly own: Readonly<Record<string, unknown>>;
}

/**
 * Cuts what is too long in the fields of a parsed frame, in place, hides secrets in names and values before it does, and
 * makes null of what is no number. Its cost is that of one look at every value.
 */
export function fitFields(
  fields: Record<string, unknown>,
  type: Frame["type"],
  hiding: Hiding | null = null,
): Fitting {
  const walk: Walk = {
    cut: new Changes(),
    voided: new Changes(),
    tooDeep: false,
    field: "",
    textChars: MAX_TEXT_BYTES,
    hidden: hiding?.hidden ?? null,
  };
  const bounds = MAX_TEXT_CHARS[type];
  const isOwn = (name: string): boolean => Object.hasOwn(hiding?.own ?? {}, name);
  for (const key of fittingKeys(fields, null, walk, isOwn)) {
    const value = fields[key];
    walk.field = key;
    walk.hidden = isOwn(key) && isPlain(key, value) ? null : hiding?.hidden ?? null;
    walk.textChars = bounds[key] ?? MAX_TEXT_BYTES;
    const fitted = fitValue(value, { above: null, key }, MAX_DEPTH - 1, walk);
    if (fitted !== value) fields[key] = fitted;
  }
  if (type === "hello") fitHello(fields, walk);
  return walk;
}

/** Words and numbers of the protocol itself. */
const PLAIN_FIELDS: ReadonlySet<string> = new Set([
  ...["type", "edge", "level", "pid", "index", "t_ns", "t_start_ns", "ttft_ms", "e2e_ms", "itl_ms"],
  ...["input_tokens", "output_tokens", "requests", "done", "total"],
]);

function isPlain(field: string, value: unknown): boolean {
  return PLAIN_FIELDS.has(field) || (field === "name" && PHASES.has(value));
}

function fitValue(value: unknown, step: Step, levelsLeft: number, walk: Walk): unknown {
  switch (typeof value) {
    case "string":
      return fitText(value, step, walk);
    case "number":
      if (!Number.isFinite(value)) return voided(String(value), step, walk);
      return walk.hidden?.hideNumber(value) ?? value;
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
    if (typeof value === "number" && Number.isFinite(value) && walk.hidden === null) continue;
    const fitted = fitValue(value, { above: step, key: index }, levelsLeft - 1, walk);
    if (fitted !== value) list[index] = fitted;
  }
}

function fitObject(object: Record<string, unknown>, step: Step, levelsLeft: number, walk: Walk): void {
  for (const key of fittingKeys(object, step, walk)) {
    const value = object[key];
    if (typeof value === "number" && Number.isFinite(value) && walk.hidden === null) continue;
    const fitted = fitValue(value, { above: step, key }, levelsLeft - 1, walk);
    if (fitted !== value) object[key] = fitted;
  }
}

/** The keys of an object, none of them too long any more, and none with a secret. */
function fittingKeys(
  object: Record<string, unknown>,
  step: Step | null,
  walk: Walk,
  isOwn: (name: string) => boolean = () => false,
): string[] {
  const keys = Object.keys(object);
  if (walk.hidden === null && keys.every((key) => key.length <= MAX_NAME_CHARS)) return keys;
  let alike = 1;
  for (const key of keys) {
    const shown = isOwn(key) ? key : walk.hidden?.hide(key) ?? key;
    if (shown === key && key.length <= MAX_NAME_CHARS) continue;
    // Of names that differed in what is hidden, none takes the other's place.
    const suffix = shown !== key && Object.hasOwn(object, shown) ? ` (${++alike})` : "";
    const name = cutText(shown, MAX_NAME_CHARS - suffix.length) + suffix;
    if (name !== shown + suffix) {
      walk.cut.add(step === null ? name : walk.field, { above: step, key: name }, null);
    }
    const value = object[key];
    delete object[key];
    object[name] ??= value;
  }
  return Object.keys(object);
}

function fitText(given: string, step: Step, walk: Walk): string | null {
  const text = walk.hidden?.hide(given) ?? given;
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
