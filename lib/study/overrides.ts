import { append } from "../base/numbers.ts";
import type { Issue } from "../base/issue.ts";
import { DEFAULT_BACKEND } from "../experiment/engines.ts";
import { ownerOf } from "../experiment/sections.ts";
import { experimentShape, STUDY_ONLY_KEYS } from "./study_schema.ts";
import { checkTree } from "./check.ts";
import { newFindings } from "./findings.ts";
import { followPath } from "./follow_path.ts";
import { listIsSwept, notAPath, oneExperimentSet, sweepReplaced } from "./messages.ts";
import { parseValue } from "./yaml/parse_value.ts";
import { arePathsRelated } from "./paths.ts";
import { overrideCount } from "./prompt_count.ts";
import { issueAt, optionText, type SourceText } from "./source_text.ts";
import type { Override } from "./study.ts";
import { syntheticConflicts } from "./synthetic_options.ts";
import { sweptOption } from "./swept_option.ts";
import {
  childOf,
  isNothing,
  jsonOfTree,
  type ListTree,
  type MapEntry,
  type MapTree,
  type Tree,
  treeOfJson,
  withKey,
  withValue,
} from "./tree.ts";

const DEEPEST_PATH = 100;

/** A study file's tree with the command line's values put over it. */
export interface Overridden {
  readonly root: MapTree;
  readonly issues: readonly Issue[];
  readonly warnings: readonly Issue[];
}

/**
 * Puts the command line's values over a study file. They win everywhere: over shared fields, over explicit experiments
 * that set the same field, and over a sweep of it, which they end.
 */
export function applyOverrides(root: MapTree, overrides: readonly Override[]): Overridden {
  let tree = root;
  const issues = syntheticConflicts(overrides);
  const warnings: Issue[] = [];
  for (const override of overrides) {
    if (issues.some(({ file, path }) => file === override.source && path === override.path)) continue;
    const source = optionText(override.source);
    const keys = splitPath(override.path);
    const value = valueTree(override, source, issues);
    if (value === null) continue;
    if (keys === null) {
      issues.push(issueAt(value, override.path, notAPath()));
      continue;
    }
    if (keys[0] === "experiments" && keys.length > 1) {
      const field = keys.slice(2).join(".");
      issues.push(issueAt(value, override.path, oneExperimentSet(field)));
      continue;
    }
    const swept = sweptOption(keys.join("."), value, override, source);
    if (swept !== null) {
      append(issues, misfits(override.path, swept.values));
      if (swept.ambiguous) {
        warnings.push(issueAt(value, override.path, listIsSwept(swept.values.items.length)));
      }
      tree = applySweep(tree, keys, swept.values, warnings);
      continue;
    }
    tree = setAt(tree, keys, value);
    if (keys[0] !== undefined && STUDY_ONLY_KEYS.has(keys[0])) continue;
    tree = overrideSweep(tree, keys, value, warnings);
    tree = overrideExperiments(tree, keys, value);
    const count = overrideCount(tree, keys, value);
    tree = count.root;
    append(warnings, count.ended.map((key) => issueAt(value, override.path, sweepReplaced(key))));
  }
  return { root: tree, issues, warnings };
}

/** A mistake for each swept value that the path can never take. In a file it leaves points out; here it is a typing error. */
function misfits(path: string, { items }: ListTree): Issue[] {
  const end = followPath(experimentShape(), path);
  if (end.kind !== "slot") return [];
  return items.flatMap((item) => {
    const findings = newFindings();
    checkTree(findings, end.slot, item, path);
    return findings.found.map(({ issue }) => issue);
  });
}

/** The keys of a path; a sweep's key has dots of its own. Null where the path is none. */
function splitPath(path: string): string[] | null {
  const keys = path.split(".");
  if (keys.length > DEEPEST_PATH || keys.some((key) => key.trim() === "" || key === "__proto__")) return null;
  const [first = "", ...rest] = keys;
  return first === "sweep" && rest.length > 0 ? [first, rest.join(".")] : keys;
}

function valueTree(override: Override, source: SourceText, issues: Issue[]): Tree | null {
  const location = { source, offset: 0 };
  if ("value" in override) return treeOfJson(override.value, location);
  const parsed = parseValue({ ...source, text: override.text });
  append(issues, parsed.issues.map((issue) => ({ ...issue, path: override.path })));
  if (parsed.issues.length > 0) return null;
  return parsed.tree ?? treeOfJson(null, location);
}

/** The tree with a value at a path; what is no mapping on the way there gives way to one. */
function setAt(tree: MapTree, keys: readonly string[], value: Tree): MapTree {
  const [key = "", ...rest] = keys;
  const location: MapEntry = { key: value, value };
  if (rest.length === 0) return withKey(tree, key, location);
  const child = childOf(tree, key);
  const below: MapTree = child?.kind === "map" ? child : { ...value, kind: "map", entries: new Map() };
  return withKey(tree, key, { key: value, value: setAt(below, rest, value) });
}

/** Sweeps what an option gives several values for: in the grid of the file, and in each experiment that it lists. */
function applySweep(tree: MapTree, keys: readonly string[], values: ListTree, warnings: Issue[]): MapTree {
  const path = keys.join(".");
  const experiments = childOf(tree, "experiments");
  const listed = experiments?.kind === "list" && experiments.items.length > 0 ? experiments : null;
  const sweep = childOf(tree, "sweep");
  let swept = tree;
  if (listed !== null) {
    const owner = ownerOf(path);
    const items = listed.items.flatMap((item) =>
      item.kind === "map" && runsOn(tree, item, owner)
        ? values.items.map((value) => setAt(item, keys, value))
        : [item]
    );
    swept = withValue(tree, "experiments", { ...listed, items });
  }
  if (listed !== null && isNothing(sweep)) return swept;
  return sweepInGrid(swept, keys, values, warnings);
}

/** True where an experiment of the list may run on the backend that a path belongs to; null is every backend. */
function runsOn(tree: MapTree, item: MapTree, owner: string | null): boolean {
  if (owner === null) return true;
  const backend = childOf(item, "backend") ?? childOf(tree, "backend");
  if (backend === null) return owner === DEFAULT_BACKEND;
  const named = jsonOfTree(backend);
  return Array.isArray(named) ? named.includes(owner) : named === owner;
}

function sweepInGrid(tree: MapTree, keys: readonly string[], values: ListTree, warnings: Issue[]): MapTree {
  const path = keys.join(".");
  const sweep = childOf(tree, "sweep");
  const entries = new Map(sweep?.kind === "map" ? sweep.entries : []);
  let isPlaced = false;
  for (const [key, entry] of [...entries]) {
    if (path.startsWith(`${key}.`)) {
      const below = keys.slice(key.split(".").length);
      const sections = entry.value.kind === "list" ? entry.value.items : [entry.value];
      const items = sections.flatMap((section) =>
        values.items.map((value) => setInSection(section, below, value))
      );
      entries.set(key, { ...entry, value: { ...values, items } });
      isPlaced = true;
    } else if (arePathsRelated(path, key)) {
      if (key === path) entries.set(key, { key: values, value: values });
      else entries.delete(key);
      warnings.push(issueAt(values, path, sweepReplaced(key)));
    }
  }
  if (!isPlaced) entries.set(path, { key: values, value: values });
  const grid: MapTree = sweep?.kind === "map" ? { ...sweep, entries } : { ...values, kind: "map", entries };
  return withKey(tree, "sweep", { key: tree.entries.get("sweep")?.key ?? values, value: grid });
}

/** Ends the sweep of what an option sets; inside the values of a whole swept section, sets it in each. */
function overrideSweep(tree: MapTree, keys: readonly string[], value: Tree, warnings: Issue[]): MapTree {
  const sweep = childOf(tree, "sweep");
  if (sweep?.kind !== "map") return tree;
  const path = keys.join(".");
  const entries = new Map(sweep.entries);
  for (const [key, entry] of sweep.entries) {
    if (path.startsWith(`${key}.`)) {
      const below = keys.slice(key.split(".").length);
      entries.set(key, {
        ...entry,
        value: mapItems(entry.value, (item) => setInSection(item, below, value)),
      });
    } else if (arePathsRelated(path, key)) {
      entries.delete(key);
      warnings.push(issueAt(value, path, sweepReplaced(key)));
    }
  }
  return withValue(tree, "sweep", { ...sweep, entries });
}

function overrideExperiments(tree: MapTree, keys: readonly string[], value: Tree): MapTree {
  const experiments = childOf(tree, "experiments");
  if (experiments?.kind !== "list") return tree;
  const items = experiments.items.map((item) =>
    item.kind === "map" && mentions(item, keys) ? setAt(item, keys, value) : item
  );
  return withValue(tree, "experiments", { ...experiments, items });
}

/** True where a tree says anything at a path, or ends before it. */
function mentions(tree: Tree, keys: readonly string[]): boolean {
  const [key, ...rest] = keys;
  if (key === undefined || tree.kind !== "map") return true;
  const entry = tree.entries.get(key);
  return entry !== undefined && mentions(entry.value, rest);
}

function setInSection(item: Tree, keys: readonly string[], value: Tree): Tree {
  if (item.kind === "map") return setAt(item, keys, value);
  return isNothing(item) ? setAt({ ...value, kind: "map", entries: new Map() }, keys, value) : item;
}

function mapItems(tree: Tree, change: (item: Tree) => Tree): Tree {
  if (tree.kind !== "list") return change(tree);
  const list: ListTree = { ...tree, items: tree.items.map(change) };
  return list;
}
