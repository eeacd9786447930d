import type { Json, JsonObject } from "../base/json.ts";
import type { EitherShape, ListShape, MapShape, Slot } from "../experiment/shape.ts";
import { checkFree } from "./check_free.ts";
import { checkChoice, checkFlag, checkNumber, checkText } from "./check_scalar.ts";
import type { Findings } from "./findings.ts";
import { followPath } from "./follow_path.ts";
import { joinPath, withinConfig } from "./paths.ts";
import { issueAt } from "./source_text.ts";
import {
  mustBe,
  passedToEngine,
  putInQuotes,
  trySeveralValues,
  unknownKey,
  writeCount,
  writeText,
} from "./messages.ts";
import { optionFor } from "./option_for.ts";
import { quote } from "./quote.ts";
import type { MapTree, ScalarTree, Tree } from "./tree.ts";
import { experimentShape } from "./study_schema.ts";
import { explainUnknownKey } from "./unknown_key.ts";
import { expected, found } from "./wording.ts";

/**
 * The value that a tree gives for a slot of the declaration, lax spellings put right and defaults left out; undefined
 * where it gives none or does not fit. Everything wrong, at every depth, goes to the findings.
 */
export function checkTree(findings: Findings, slot: Slot, tree: Tree, path: string): Json | undefined {
  const known = findings.checked.get(slot) ?? new Map<Tree, Json | undefined>();
  if (known.size === 0) findings.checked.set(slot, known);
  if (known.has(tree)) return known.get(tree);
  const value = checkShape(findings, slot, tree, path);
  known.set(tree, value);
  return value;
}

function checkShape(findings: Findings, slot: Slot, tree: Tree, path: string): Json | undefined {
  const { shape } = slot;
  if (tree.kind === "scalar" && tree.value === null && shape.kind !== "free") {
    if (slot.nullable) return null;
    // A key with nothing under it, its children commented out: as good as left out.
    if (shape.kind === "map" && slot.fallback !== undefined) return undefined;
  }
  switch (shape.kind) {
    case "map":
      return tree.kind === "map" ? checkMap(findings, shape, tree, path) : refuse(findings, slot, tree, path);
    case "dictionary":
      return tree.kind === "map"
        ? checkValues(findings, shape.values, tree, path)
        : refuse(findings, slot, tree, path);
    case "list":
      return checkList(findings, slot, shape, tree, path);
    case "either":
      return checkEither(findings, slot, shape, tree, path);
    case "free":
      return checkFree(findings, tree, path);
    default:
      return tree.kind === "scalar"
        ? checkScalar(findings, slot, tree, path)
        : refuse(findings, slot, tree, path);
  }
}

function checkScalar(findings: Findings, slot: Slot, tree: ScalarTree, path: string): Json | undefined {
  const check = { findings, slot, tree, path };
  const { shape } = slot;
  if (shape.kind === "number") return checkNumber(check, shape);
  if (shape.kind === "text") return checkText(check, shape);
  if (shape.kind === "choice") return checkChoice(check, shape);
  return checkFlag(check);
}

/** Checks a mapping key by key. */
export function checkMap(findings: Findings, shape: MapShape, tree: MapTree, path: string): JsonObject {
  const value: Record<string, Json> = {};
  for (const [key, entry] of tree.entries) {
    const slot = shape.keys.get(key);
    const child = joinPath(path, key);
    const part = slot === undefined
      ? checkUnknown(findings, shape, tree, key, child)
      : checkTree(findings, slot, entry.value, child);
    if (part !== undefined) value[key] = part;
  }
  return value;
}

/** A key that the declaration does not know: an error, or in an open section something to hand on with a warning. */
function checkUnknown(
  findings: Findings,
  shape: MapShape,
  tree: MapTree,
  key: string,
  path: string,
): Json | undefined {
  const entry = tree.entries.get(key);
  if (entry === undefined) return undefined;
  const { hint, isSlip } = explainUnknownKey(findings.language, shape, key, path);
  const isNew = !findings.told.has(entry);
  findings.told.add(entry);
  if (isSlip) {
    if (isNew) {
      findings.found.push({
        kind: "unknown",
        issue: issueAt(entry.key, path, { message: unknownKey(), hint }),
      });
    }
    return undefined;
  }
  if (isNew) {
    findings.warnings.push(issueAt(entry.key, path, passedToEngine()));
  }
  return checkFree(findings, entry.value, path);
}

function checkValues(findings: Findings, slot: Slot, tree: MapTree, path: string): JsonObject {
  const value: Record<string, Json> = {};
  for (const [key, entry] of tree.entries) {
    const part = checkTree(findings, slot, entry.value, joinPath(path, key));
    if (part !== undefined) value[key] = part;
  }
  return value;
}

function checkList(
  findings: Findings,
  slot: Slot,
  shape: ListShape,
  tree: Tree,
  path: string,
): Json | undefined {
  const items = slot.notes.commaList === true ? splitCommas(tree) : tree.kind === "list" ? tree.items : null;
  if (items === null || items.length < shape.least) return refuse(findings, slot, tree, path);
  const values = items.map((item, index) =>
    checkTree(findings, shape.items, item, joinPath(path, String(index)))
  );
  return values.filter((value) => value !== undefined);
}

/** The items of a list that may also be one text with commas, or hold numbers. */
function splitCommas(tree: Tree): Tree[] | null {
  if (tree.kind === "list") return tree.items.map((item) => asText(item));
  if (tree.kind === "map" || tree.value === null) return null;
  const { source, offset } = tree;
  const text = String(tree.written ?? tree.value);
  const parts = text.split(",").map((part) => part.trim()).filter((part) => part !== "");
  // Commas alone are a slip, not an empty list.
  if (parts.length === 0 && text.trim() !== "") return null;
  return parts.map((value) => ({ kind: "scalar", value, written: value, source, offset }));
}

function asText(tree: Tree): Tree {
  if (tree.kind !== "scalar" || typeof tree.value !== "number") return tree;
  return { ...tree, value: tree.written ?? String(tree.value) };
}

function checkEither(
  findings: Findings,
  slot: Slot,
  shape: EitherShape,
  tree: Tree,
  path: string,
): Json | undefined {
  const option = optionFor(shape, tree);
  // A number in quotes would be the name of a dataset that there is not: what is meant is how many prompts.
  if (path.split(".").at(-1) === "dataset" && tree.kind === "scalar" && typeof tree.value === "number") {
    const message = mustBe(expected(slot), found(tree));
    const hint = isCount(tree.value) ? writeCount(tree.value) : null;
    findings.found.push({ kind: "value", issue: issueAt(tree, path, { message, hint }) });
    return undefined;
  }
  return option === null ? refuse(findings, slot, tree, path) : checkTree(findings, option, tree, path);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}

function refuse(findings: Findings, slot: Slot, tree: Tree, path: string): undefined {
  const message = mustBe(expected(slot), found(tree));
  const hint = hintFor(slot, tree, path);
  findings.found.push({ kind: "value", issue: issueAt(tree, path, { message, hint }) });
}

/** What the writer most likely had in mind: several values to try, or a command line. */
function hintFor({ shape }: Slot, tree: Tree, path: string): string | null {
  const isField = followPath(experimentShape(), withinConfig(path)).kind === "slot";
  if (tree.kind === "list" && shape.kind !== "list" && shape.kind !== "map" && isField) {
    return trySeveralValues(withinConfig(path));
  }
  const name = shape.kind === "text" ? nameInBraces(tree) : null;
  if (name !== null) return putInQuotes(quote(`{${name}}`));
  if (shape.kind !== "list" || tree.kind !== "scalar" || typeof tree.value !== "string") return null;
  if (!/[^\s,]/.test(tree.value)) return null;
  const words = tree.value.trim().split(/\s+/);
  return writeText(
    `[${words.map((word) => /[{}[\],#&*!|>'"%@`]/.test(word) ? JSON.stringify(word) : word).join(", ")}]`,
  );
}

/** The name in `{name}`, which without quotes is a mapping of its own. */
function nameInBraces(tree: Tree): string | null {
  if (tree.kind !== "map" || tree.entries.size !== 1) return null;
  const [[name, { value }] = ["", { value: null }]] = tree.entries;
  return value?.kind === "scalar" && value.value === null ? name : null;
}
