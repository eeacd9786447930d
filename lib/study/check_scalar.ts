import type { Bound, ChoiceShape, NumberShape, Slot, TextShape } from "../experiment/shape.ts";
import type { Json } from "../base/json.ts";
import type { Findings } from "./findings.ts";
import {
  fewerDigits,
  type IssueText,
  mustBe,
  putInQuotes,
  readAs,
  readAsDecimal,
  readAsNumber,
  readAsWhole,
  writeText,
  writeZero,
} from "./messages.ts";
import { quote } from "./quote.ts";
import { issueAt } from "./source_text.ts";
import { didYouMean, nearestName } from "./spelling.ts";
import type { ScalarTree } from "./tree.ts";
import { expected, found } from "./wording.ts";

const UNIT_SECONDS = new Map([["ms", 0.001], ["s", 1], ["m", 60], ["min", 60], ["h", 3600], ["d", 86_400]]);
const NUMBER_TEXT = /^[-+]?(\d[\d_]*\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
const TRUE_WORDS = new Set(["true", "yes", "on", "y", "t", "1"]);
const FALSE_WORDS = new Set(["false", "no", "off", "n", "f", "0"]);

/** A scalar with its place, its slot, and what to tell. */
interface ScalarCheck {
  readonly findings: Findings;
  readonly slot: Slot;
  readonly tree: ScalarTree;
  readonly path: string;
}

/** The number at a slot. Quoted numbers, `32.0` for a whole one, and true for 1 are taken with a warning. */
export function checkNumber(check: ScalarCheck, shape: NumberShape): Json | undefined {
  const number = readNumber(check);
  if (number === null || !Number.isFinite(number)) return refuse(check, secondsHint(check));
  if (isTooSmall(number, String(check.tree.written ?? check.tree.value))) {
    return refuse(check, writeZero());
  }
  if (shape.whole && !Number.isInteger(number)) return refuse(check);
  if (!isWithin(number, shape.least, shape.most)) return refuse(check);
  if (shape.whole && !Number.isSafeInteger(number)) return refuse(check, fewerDigits());
  const { written, value } = check.tree;
  if (typeof value !== "number") {
    warn(check, readAsNumber(found(check.tree), number));
  } else if (shape.whole && written !== null && /[.e]/i.test(written) && !/^0x/i.test(written)) {
    warn(check, readAsWhole(written, number));
  } else if (written !== null && /^[-+]?0\d/.test(written)) {
    warn(check, readAsDecimal(written, number));
  }
  return number;
}

/** True for what is written as another number than 0 and is 0 all the same: nearer to it than 5e-324. */
export function isTooSmall(value: number, written: string | null): boolean {
  return value === 0 && /[1-9]/.test((written ?? "").split(/e/i)[0] ?? "");
}

/** Seconds for a duration that is written with its unit, or as minutes and seconds. */
function secondsHint({ tree: { value }, path }: ScalarCheck): string | null {
  if (!path.endsWith("_seconds") || typeof value !== "string") return null;
  const { amount, unit } = /^(?<amount>\d+(\.\d+)?) ?(?<unit>ms|s|min|m|h|d)$/.exec(value)?.groups ?? {};
  const clock = /^(\d+):(\d\d)(?::(\d\d))?$/.exec(value);
  if (clock !== null) {
    const parts = clock.slice(1).filter((part) => part !== undefined).map(Number);
    return writeText(String(parts.reduce((seconds, part) => seconds * 60 + part, 0)));
  }
  const factor = UNIT_SECONDS.get(unit ?? "");
  return factor === undefined ? null : writeText(String(Number(amount) * factor));
}

/** True or false; the words and numbers that older YAML took for them come with a warning. */
export function checkFlag(check: ScalarCheck): Json | undefined {
  const { value } = check.tree;
  if (typeof value === "boolean") return value;
  const word = String(value).toLowerCase();
  const flag = TRUE_WORDS.has(word) ? true : FALSE_WORDS.has(word) ? false : null;
  if (flag === null) return refuse(check);
  warn(check, readAs(foundText(check.tree), String(flag)));
  return flag;
}

/** A text; what an option of the command line gives is text whatever it looks like. */
export function checkText(check: ScalarCheck, shape: TextShape): Json | undefined {
  const { value, written } = check.tree;
  const text = typeof value === "string"
    ? value
    : isOption(check) && value !== null
    ? written ?? String(value)
    : null;
  if (text === null) {
    return refuse(check, value === null ? null : putInQuotes(quote(written ?? String(value))));
  }
  return text.length < shape.least ? refuse(check) : text;
}

/** One of a few words or numbers. */
export function checkChoice(check: ScalarCheck, shape: ChoiceShape): Json | undefined {
  const { value, written } = check.tree;
  const exact = shape.options.find((option) => option === value);
  if (exact !== undefined) return exact;
  const alike = shape.options.find((option) => String(option) === (written ?? String(value)));
  if (alike === undefined) return checkFormer(check, shape);
  if (typeof alike === "number") {
    warn(check, readAsNumber(foundText(check.tree), alike));
  }
  return alike;
}

/** A word that stands for one of the choices. What it means is told on the command line, too: it is no mere spelling. */
function checkFormer(check: ScalarCheck, shape: ChoiceShape): Json | undefined {
  const { findings, slot, tree, path } = check;
  const former = new Map(Object.entries(slot.notes.formerValues ?? {})).get(String(tree.value));
  if (former === undefined) {
    const meant = new Map(Object.entries(slot.notes.wordsOfOthers ?? {})).get(
      String(tree.value).toLowerCase(),
    );
    return refuse(check, meant ?? didYouMean(nearestOption(tree.value, shape)));
  }
  findings.warnings.push(issueAt(tree, path, readAs(found(tree), former)));
  return former;
}

function nearestOption(value: ScalarTree["value"], { options }: ChoiceShape): string | null {
  const words = options.map(String);
  if (value === true) return words.find((word) => word === "on") ?? null;
  if (value === false) return words.find((word) => word === "off") ?? null;
  return typeof value === "string" ? nearestName(value, words) : null;
}

function readNumber({ tree: { value } }: ScalarCheck): number | null {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  const text = value?.trim() ?? "";
  return NUMBER_TEXT.test(text) ? Number(text.replaceAll("_", "")) : null;
}

function isWithin(number: number, least: Bound | null, most: Bound | null): boolean {
  if (least !== null && (least.inclusive ? number < least.value : number <= least.value)) return false;
  return most === null || (most.inclusive ? number <= most.value : number < most.value);
}

function refuse({ findings, slot, tree, path }: ScalarCheck, hint: string | null = null): undefined {
  const message = mustBe(expected(slot), found(tree));
  findings.found.push({ kind: "value", issue: issueAt(tree, path, { message, hint }) });
}

/** The command line has no quotes to tell a number from a text, so its spellings are no matter for a warning. */
function warn(check: ScalarCheck, text: IssueText): void {
  if (!isOption(check)) check.findings.warnings.push(issueAt(check.tree, check.path, text));
}

function isOption({ tree }: ScalarCheck): boolean {
  return tree.source.lineStarts.length === 0;
}

function foundText(tree: ScalarTree): string {
  return typeof tree.value === "string" ? `the text ${found(tree)}` : found(tree);
}
