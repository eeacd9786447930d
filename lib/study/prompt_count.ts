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

/** An option for one place ends what the study's sweep and its experiments say in the other one. */
export function overrideCount(
  tree: MapTree,
  keys: readonly string[],
  value: Tree,
): { readonly root: MapTree; readonly ended: readonly string[] } {
  if (isNothing(value)) return { root: tree, ended: [] };
  const path = keys.join(".");
  if (path === "n") return overrideOwn(tree, value);
  const count = path === "dataset.n" ? value : path === "dataset" ? childOf(value, "n") : null;
  return count === null ? { root: tree, ended: [] } : overrideN(tree, count);
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

function overrideOwn(tree: MapTree, value: Tree): ReturnType<typeof overrideCount> {
  const entry = { key: value, value };
  const inDataset = (item: Tree): Tree =>
    item.kind === "map" && isSynthetic(item) && given(item, "n") !== null ? withKey(item, "n", entry) : item;
  const { root, ended } = withoutSweep(tree, "dataset.n");
  const sweep = childOf(root, "sweep");
  const swept = sweep === null ? null : childOf(sweep, "dataset");
  const changed = sweep?.kind === "map" && swept?.kind === "list"
    ? withValue(
      root,
      "sweep",
      withValue(sweep, "dataset", { ...swept, items: swept.items.map(inDataset) }),
    )
    : root;
  return {
    ended,
    root: mapExperiments(changed, (item) => {
      const dataset = childOf(item, "dataset");
      return dataset === null ? item : withValue(item, "dataset", inDataset(dataset));
    }),
  };
}

function overrideN(tree: MapTree, value: Tree): ReturnType<typeof overrideCount> {
  const { root, ended } = withoutSweep(tree, "n");
  const setN = (item: MapTree): MapTree =>
    given(item, "n") === null ? item : withKey(item, "n", { key: value, value });
  return { ended, root: mapExperiments(root, setN) };
}

function withoutSweep(tree: MapTree, path: string): { root: MapTree; ended: readonly string[] } {
  const sweep = childOf(tree, "sweep");
  if (sweep?.kind !== "map" || !sweep.entries.has(path)) return { root: tree, ended: [] };
  const entries = new Map([...sweep.entries].filter(([key]) => key !== path));
  return { root: withValue(tree, "sweep", { ...sweep, entries }), ended: [path] };
}

function mapExperiments(tree: MapTree, change: (item: MapTree) => MapTree): MapTree {
  const experiments = childOf(tree, "experiments");
  if (experiments?.kind !== "list") return tree;
  const items = experiments.items.map((item) => item.kind === "map" ? change(item) : item);
  return withValue(tree, "experiments", { ...experiments, items });
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
  const { message, hint } = countsDiffer({ own: text(own), n: text(n), place });
  return issueAt(own.value, joinPath(path, "dataset.n"), message, hint);
}
