import type { Json } from "../base/json.ts";
import type { Backend } from "../experiment/engines.ts";
import { brokenRules } from "../experiment/rules.ts";
import { readPath } from "../experiment/read_path.ts";
import { draftFor, ownerOf } from "../experiment/sections.ts";
import { slotOf } from "../experiment/shape.ts";
import { experimentSchema } from "../experiment/config.ts";
import type { Findings } from "./findings.ts";
import { findMissing } from "./missing.ts";
import { arePathsRelated, joinPath } from "./paths.ts";
import { filledCount } from "./prompt_count.ts";
import { issueAt } from "./source_text.ts";
import type { Dimension, Draft } from "./study.ts";
import { childOf, isNothing, locationOfPath, type MapTree, type Tree, treeOfJson, withKey } from "./tree.ts";

/** A configuration for one backend, before any sweep. */
export interface FixedParts {
  readonly tree: MapTree;
  readonly draft: Draft;
  /** Null where the file names none of ours, so that no section and no rule of one can be looked at. */
  readonly backend: Backend | null;
  /** What will be swept over it; empty for an experiment that the file lists. */
  readonly dimensions: readonly Dimension[];
  /** What stands before its paths in messages. */
  readonly prefix: string;
}

/** Finds what is missing and which rules are broken whatever a sweep picks. */
export function tellFixedMistakes(
  findings: Findings,
  { tree, draft, backend, dimensions, prefix }: FixedParts,
): void {
  const own = withoutForeign(tree, backend);
  const swept = dimensions.filter(({ owner }) => owner === null || owner === backend);
  const point = filledCount(withFirstValues(own, swept));
  findMissing(findings, slotOf(experimentSchema), point, prefix);
  if (backend === null) return;
  for (const { at, fields, message, hint } of brokenRules(draftFor(backend, draft))) {
    // A swept field can mend the rule at some points: the plan decides there.
    if (fields.some((field) => swept.some(({ path }) => arePathsRelated(path, field)))) continue;
    // What is given and did not check is told already; the rule may hold once it is right.
    if (fields.some((field) => hasUnchecked(treeAt(own, field), readPath(draft, field)))) continue;
    const issue = issueAt(locationOfPath(own, at), joinPath(prefix, at), { message, hint });
    findings.found.push({ kind: "value", issue });
  }
}

function treeAt(tree: MapTree, path: string): Tree | null {
  return path.split(".").reduce<Tree | null>(
    (above, key) => above === null ? null : childOf(above, key),
    tree,
  );
}

/** True where something is given that did not check: all of it, or an item of a list. */
function hasUnchecked(given: Tree | null, value: Json | undefined): boolean {
  if (isNothing(given)) return false;
  return value === undefined ||
    given?.kind === "list" && Array.isArray(value) && value.length < given.items.length;
}

function withoutForeign(tree: MapTree, backend: Backend | null): MapTree {
  const own = [...tree.entries].filter(([key]) => [null, backend].includes(ownerOf(key)));
  return { ...tree, entries: new Map(own) };
}

/** The tree as one point of the grid has it, to see what is missing there. */
function withFirstValues(tree: MapTree, dimensions: readonly Dimension[]): MapTree {
  let point = tree;
  for (const { path, values } of dimensions) {
    const value = values[0]?.value;
    if (value !== undefined) point = setAt(point, path.split("."), value);
  }
  return point;
}

function setAt(tree: MapTree, keys: readonly string[], value: Json): MapTree {
  const [key = "", ...rest] = keys;
  if (rest.length === 0) return withKey(tree, key, { key: tree, value: treeOfJson(value, tree) });
  const below: Tree | undefined = tree.entries.get(key)?.value;
  const map: MapTree = below?.kind === "map" ? below : { ...tree, entries: new Map() };
  return withKey(tree, key, { key: map, value: setAt(map, rest, value) });
}
