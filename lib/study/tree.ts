import { isJsonObject, type Json } from "../base/json.ts";
import type { SourceLocation, SourceText } from "./source_text.ts";

/** A value of a study file together with where it stands. Trees are shared (aliases, merges) and never changed. */
export type Tree = ScalarTree | ListTree | MapTree;

export interface ScalarTree extends SourceLocation {
  readonly kind: "scalar";
  readonly value: null | boolean | number | string;
  /** The unquoted text it was written as; null where it was quoted, or is no text at all. */
  readonly written: string | null;
}

export interface ListTree extends SourceLocation {
  readonly kind: "list";
  readonly items: readonly Tree[];
}

export interface MapTree extends SourceLocation {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, MapEntry>;
}

/** A key with its place, and its value. */
export interface MapEntry {
  readonly key: SourceLocation;
  readonly value: Tree;
}

/** The value under a key, or null where the key is not there. */
export function childOf(tree: Tree, key: string): Tree | null {
  return tree.kind === "map" ? tree.entries.get(key)?.value ?? null : null;
}

/** True for a null, which says the same as nothing at all. */
export function isNothing(tree: Tree | null): boolean {
  return tree === null || (tree.kind === "scalar" && tree.value === null);
}

/** The map without some of its keys. */
export function withoutKeys(tree: MapTree, keys: ReadonlySet<string>): MapTree {
  return { ...tree, entries: new Map([...tree.entries].filter(([key]) => !keys.has(key))) };
}

/** The map with one key set, in its old position or at the end. */
export function withKey(tree: MapTree, key: string, entry: MapEntry): MapTree {
  return { ...tree, entries: new Map(tree.entries).set(key, entry) };
}

/** The map with another value under a key that it has. */
export function withValue(tree: MapTree, key: string, value: Tree): MapTree {
  return withKey(tree, key, { key: tree.entries.get(key)?.key ?? value, value });
}

/** A JSON value as a tree whose every part stands at one place. */
export function treeOfJson(value: Json | undefined, location: { source: SourceText; offset: number }): Tree {
  const { source, offset } = location;
  if (Array.isArray(value)) {
    return { kind: "list", items: value.map((item) => treeOfJson(item, location)), source, offset };
  }
  if (isJsonObject(value)) {
    const entries = Object.entries(value).map(([key, item]): [string, MapEntry] => [
      key,
      { key: { source, offset }, value: treeOfJson(item, location) },
    ]);
    return { kind: "map", entries: new Map(entries), source, offset };
  }
  const scalar = typeof value === "object" || value === undefined ? null : value as boolean | number | string;
  return { kind: "scalar", value: scalar, written: null, source, offset };
}

/** The plain value of a tree, unchecked: what JSON has no word for becomes its text. */
export function jsonOfTree(tree: Tree): Json {
  if (tree.kind === "list") return tree.items.map((item) => jsonOfTree(item));
  if (tree.kind === "map") {
    return Object.fromEntries([...tree.entries].map(([key, entry]) => [key, jsonOfTree(entry.value)]));
  }
  return typeof tree.value === "number" && !Number.isFinite(tree.value) ? String(tree.value) : tree.value;
}

/** The place of a dotted path in a tree, or of the nearest thing above it. */
export function locationOfPath(tree: Tree, path: string): SourceLocation {
  let location: SourceLocation = tree;
  let current: Tree | null = tree;
  for (const key of path.split(".")) {
    const entry: MapEntry | undefined = current?.kind === "map" ? current.entries.get(key) : undefined;
    if (entry === undefined) return location;
    location = entry.key;
    current = entry.value;
  }
  return location;
}
