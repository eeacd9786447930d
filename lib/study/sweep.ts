import { append } from "../base/numbers.ts";
import type { Issue } from "../base/issue.ts";
import { type Slot, slotOf } from "../experiment/shape.ts";
import { ownerOf } from "../experiment/sections.ts";
import { z } from "zod";
import { checkTree } from "./check.ts";
import { apart, type Findings } from "./findings.ts";
import { followPath } from "./follow_path.ts";
import {
  emptyList,
  listOfValues,
  mappingOfListsFound,
  mustBe,
  notASection,
  notSweepable,
  passedToEngine,
  pathTooDeep,
  tooManySwept,
  unknownKey,
  writeText,
} from "./messages.ts";
import { issueAt, issueLocation, type SourceLocation } from "./source_text.ts";
import type { Dimension, DimensionValue } from "./study.ts";
import { experimentShape, STUDY_ONLY_KEYS } from "./study_schema.ts";
import { jsonOfTree, type MapTree, type Tree } from "./tree.ts";
import { explainUnknownKey } from "./unknown_key.ts";

const freeSlot: Slot = slotOf(z.json());

/** Limits that keep the walks over a sweep short; no study comes near them. */
const MOST_DIMENSIONS = 200;
const DEEPEST_PATH = 100;

/** The dimensions of a sweep, in file order. A value that does not fit is kept with its problem; a wrong key is found. */
export function readSweep(findings: Findings, sweep: MapTree): Dimension[] {
  const dimensions: Dimension[] = [];
  if (sweep.entries.size > MOST_DIMENSIONS) {
    tell(findings, "value", issueAt(sweep, "sweep", tooManySwept(sweep.entries.size, MOST_DIMENSIONS)));
    return [];
  }
  for (const [path, entry] of sweep.entries) {
    const slot = slotOfKey(findings, path, entry.key);
    if (slot === null) continue;
    const items = entry.value.kind === "list" ? entry.value.items : [entry.value];
    if (items.length === 0) {
      tell(findings, "value", issueAt(entry.value, `sweep.${path}`, emptyList()));
    } else if (isNestedSweep(slot, entry.value)) {
      const key = `${path}.${firstListKey(entry.value)}`;
      const text = {
        message: mustBe(listOfValues(), mappingOfListsFound()),
        hint: writeText(`${key}: [...]`),
      };
      tell(findings, "value", issueAt(entry.key, `sweep.${path}`, text));
    } else {
      const values = items.map((item) => readValue(findings, slot, path, item));
      dimensions.push({ path, owner: ownerOf(path), values });
    }
  }
  return dimensions;
}

/** What may stand at a swept path; null, with the finding told, where nothing may. */
function slotOfKey(findings: Findings, path: string, key: SourceLocation): Slot | null {
  const told = `sweep.${path}`;
  const [field = ""] = path.split(".", 1);
  if (STUDY_ONLY_KEYS.has(field)) {
    tell(findings, "unknown", issueAt(key, told, notSweepable()));
    return null;
  }
  const end = followPath(experimentShape(), path);
  if (path.split(".").length > DEEPEST_PATH) {
    tell(findings, "unknown", issueAt(key, "sweep", pathTooDeep(DEEPEST_PATH)));
    return null;
  }
  if (end.kind === "slot") return end.slot;
  if (end.shape === null) {
    if (end.kind === "open") return freeSlot;
    tell(findings, "unknown", issueAt(key, told, notASection(above(end.path))));
    return null;
  }
  const { hint, isSlip } = explainUnknownKey(findings.language, end.shape, end.key, end.path);
  if (isSlip) {
    tell(findings, "unknown", issueAt(key, told, { message: unknownKey(), hint }));
    return null;
  }
  findings.warnings.push(issueAt(key, told, passedToEngine()));
  return freeSlot;
}

/** Checks a value on its own: one that does not fit leaves its points out, a key nobody knows is a mistake all the same. */
function readValue(findings: Findings, slot: Slot, path: string, item: Tree): DimensionValue {
  const own = apart(findings);
  const value = checkTree(own, slot, item, path);
  for (const { kind, issue } of own.found) {
    if (kind === "unknown") tell(findings, kind, { ...issue, path: `sweep.${issue.path}` });
  }
  append(findings.warnings, own.warnings.map((issue) => ({ ...issue, path: `sweep.${issue.path}` })));
  const problems = own.found.filter(({ kind }) => kind === "value").map(({ issue }) => reasonOf(issue));
  const problem = problems.length === 0 ? null : problems.join("; ");
  return { value: problem === null ? value : jsonOfTree(item), problem, location: issueLocation(item) };
}

/** An issue as a reason in a sentence of its own. */
export function reasonOf({ path, message, hint }: Issue): string {
  return hint === null ? `${path} ${message}` : `${path} ${message} (${hint})`;
}

function isNestedSweep(slot: Slot, value: Tree): boolean {
  return ["map", "either"].includes(slot.shape.kind) && firstListKey(value) !== null;
}

function firstListKey(value: Tree): string | null {
  if (value.kind !== "map") return null;
  return [...value.entries].find(([, entry]) => entry.value.kind === "list")?.[0] ?? null;
}

function above(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf(".")));
}

function tell(findings: Findings, kind: "unknown" | "value", issue: Issue): void {
  findings.found.push({ kind, issue });
}
