import type { Json } from "../base/json.ts";
import { checkTree } from "./check.ts";
import { newFindings } from "./findings.ts";
import { followPath } from "./follow_path.ts";
import { studyShape } from "./study_schema.ts";
import { childOf, jsonOfTree, type Tree } from "./tree.ts";

/** What a tree holds at a path; null where it says nothing there. */
export function valueAt(tree: Tree, keys: readonly string[]): Tree | null {
  let current: Tree | null = tree;
  for (const key of keys) current = current === null ? null : childOf(current, key);
  return current;
}

/** A value as checking reads it, and what holds where there is none. */
export interface CheckedValue {
  /** Undefined where nothing is given, or a section with nothing in it. */
  readonly value: Json | undefined;
  readonly fallback: Json;
  /** False where the value does not fit; it is then given as it stands in the file. */
  readonly fits: boolean;
}

/** The value that a tree gives for a path of the study language. */
export function checkedValue(path: string, tree: Tree | null): CheckedValue {
  const end = followPath(studyShape(), path);
  const fallback = end.kind === "slot" ? end.slot.fallback ?? null : null;
  if (tree === null) return { value: undefined, fallback, fits: true };
  if (end.kind !== "slot") return { value: jsonOfTree(tree), fallback, fits: true };
  const findings = newFindings();
  const value = checkTree(findings, end.slot, tree, path);
  const fits = findings.found.length === 0;
  return { value: fits ? value : jsonOfTree(tree), fallback, fits };
}
