/**
 * How many prompts a run measures has two places in a study: `n`, and the `n` of a synthetic dataset. They are one
 * setting: the upper layer decides, whichever place it writes to, and different numbers in one layer are a mistake.
 */
import type { Issue } from "../base/issue.ts";
import { countsDiffer } from "./messages.ts";
import { joinPath } from "./paths.ts";
import { issueAt, issueLocation } from "./source_text.ts";
import { childOf, isNothing, type MapEntry, type MapTree, type Tree, withKey, withValue } from "./tree.ts";

/** Where a mapping gives the number of prompts; null where it does not. */
export interface CountPlaces {
  readonly n: MapEntry | null;
  readonly own: MapEntry | null;
}

const NOWHERE: CountPlaces = { n: null, own: null };

/** The places of a mapping: `n`, and the `n` of its synthetic dataset. */
export function countPlaces(map: MapTree): CountPlaces {
  const dataset = syntheticOf(map);
  return { n: given(map, "n"), own: dataset === null ? null : given(dataset, "n") };
}

/** Those that an option of the command line gives. */
export function countOptions(map: MapTree): CountPlaces {
  const { n, own } = countPlaces(map);
  const isOption = (entry: MapEntry | null): boolean => entry?.value.source.lineStarts.length === 0;
  return { n: isOption(n) ? n : null, own: isOption(own) ? own : null };
}

/** The same number in both places of a mapping of several layers; `above` is what its uppermost layer gives. */
export function settleCount(
  map: MapTree,
  above: CountPlaces,
  path: string,
  tell: (issue: Issue) => void,
): MapTree {
  const dataset = syntheticOf(map);
  if (dataset === null) return map;
  const here = countPlaces(map);
  const { n, own } = above.n === null && above.own === null ? here : above;
  const winner = own ?? n;
  if (winner === null) return map;
  if (n !== null && own !== null && isOtherNumber(n.value, own.value)) tell(contradiction(n, own, path));
  const settled = withValue(map, "dataset", withKey(dataset, "n", winner));
  return here.n === null ? settled : withKey(settled, "n", winner);
}

/** A mapping whose synthetic dataset leaves its number open, with that of `n`. */
export function filledCount(map: MapTree): MapTree {
  const { own } = countPlaces(map);
  return own === null ? settleCount(map, NOWHERE, "", () => {}) : map;
}

/** What is above the other layers of an experiment: the options, else what the experiment itself gives. */
export function countAbove(merged: MapTree, own: MapTree): CountPlaces {
  const options = countOptions(merged);
  return options.n === null && options.own === null ? countPlaces(own) : options;
}

/**
 * Ends the sweep of the other place, and in datasets that are swept sets the number of each. A value that is a list is what
 * is swept in its place.
 */
export function overrideCount(
  tree: MapTree,
  keys: readonly string[],
  value: Tree,
): { readonly root: MapTree; readonly ended: readonly string[] } {
  if (isNothing(value)) return { root: tree, ended: [] };
  const path = keys.join(".");
  if (path === "n") {
    const { root, ended } = withoutSweep(tree, "dataset.n");
    return { root: value.kind === "list" ? root : setInDatasets(root, value), ended };
  }
  const isOwn = path === "dataset.n" || path === "dataset" && childOf(value, "n") !== null;
  return isOwn ? withoutSweep(tree, "n") : { root: tree, ended: [] };
}

/** Issues without those that tell of `dataset.n` what is told of the `n` that it was filled from. */
export function withoutEchoes(issues: readonly Issue[]): Issue[] {
  const key = ({ file, line, column, message }: Issue): string =>
    JSON.stringify([file, line, column, message]);
  const told = new Set(issues.filter(({ path }) => !isOwnPath(path)).map(key));
  return issues.filter((issue) => !isOwnPath(issue.path) || !told.has(key(issue)));
}

function isOwnPath(path: string): boolean {
  return path === "dataset.n" || path.endsWith(".dataset.n");
}

function setInDatasets(tree: MapTree, value: Tree): MapTree {
  const sweep = childOf(tree, "sweep");
  const swept = sweep === null ? null : childOf(sweep, "dataset");
  if (sweep?.kind !== "map" || swept?.kind !== "list") return tree;
  const items = swept.items.map((item) =>
    item.kind === "map" && isSynthetic(item) && given(item, "n") !== null
      ? withKey(item, "n", { key: value, value })
      : item
  );
  return withValue(tree, "sweep", withValue(sweep, "dataset", { ...swept, items }));
}

function withoutSweep(tree: MapTree, path: string): { root: MapTree; ended: readonly string[] } {
  const sweep = childOf(tree, "sweep");
  if (sweep?.kind !== "map" || !sweep.entries.has(path)) return { root: tree, ended: [] };
  const entries = new Map([...sweep.entries].filter(([key]) => key !== path));
  return { root: withValue(tree, "sweep", { ...sweep, entries }), ended: [path] };
}

function syntheticOf(map: MapTree): MapTree | null {
  const dataset = childOf(map, "dataset");
  return dataset?.kind === "map" && isSynthetic(dataset) ? dataset : null;
}

/** True for the mapping of a dataset whose prompts are generated. */
export function isSynthetic({ entries }: MapTree): boolean {
  return !entries.has("jsonl") && !entries.has("hub");
}

function given(map: MapTree, key: string): MapEntry | null {
  const entry = map.entries.get(key);
  return entry === undefined || isNothing(entry.value) ? null : entry;
}

/** Values that are no numbers are told by the check of the place where they stand. */
function isOtherNumber(one: Tree, other: Tree): boolean {
  const [a, b] = [one, other].map((tree) => tree.kind === "scalar" ? Number(tree.value) : NaN);
  return Number.isFinite(a) && Number.isFinite(b) && a !== b;
}

function contradiction(n: MapEntry, own: MapEntry, path: string): Issue {
  const text = ({ value }: MapEntry): string => value.kind === "scalar" ? String(value.value) : "";
  const { file, line, column } = issueLocation(n.value);
  const place = [file, line, column].filter((part) => part !== null).join(":");
  return issueAt(own.value, joinPath(path, "dataset.n"), countsDiffer({ own: text(own), n: text(n), place }));
}
