import type { Issue } from "../base/issue.ts";
import type { Json } from "../base/json.ts";
import type { Slot } from "../experiment/shape.ts";
import { type Language, STUDY_LANGUAGE } from "./language.ts";
import type { MapEntry, Tree } from "./tree.ts";

/**
 * A mistake by its kind: a key nobody knows, a value that does not fit, a value that is missing. The kind matters in
 * a sweep, where a value that does not fit leaves points out and a key nobody knows is an error all the same.
 */
export interface Finding {
  readonly kind: "unknown" | "value" | "missing";
  readonly issue: Issue;
}

/** What checking gathers over one study; a tree that is used in many places is checked and told once. */
export interface Findings {
  readonly language: Language;
  readonly found: Finding[];
  readonly warnings: Issue[];
  readonly checked: Map<Slot, Map<Tree, Json | undefined>>;
  readonly told: Set<MapEntry | Tree>;
}

export function newFindings(language = STUDY_LANGUAGE): Findings {
  return { language, found: [], warnings: [], checked: new Map(), told: new Set() };
}

/** Findings that share what was checked before but gather apart: to look at one value on its own. */
export function apart(findings: Findings): Findings {
  return { ...findings, found: [], warnings: [], checked: new Map() };
}
