import { DECODER_PRESETS } from "../experiment/presets.ts";
import type { Json } from "../base/json.ts";
import type { Backend } from "../experiment/engines.ts";
import { ownerOf } from "../experiment/sections.ts";
import { checkedValue, valueAt } from "./checked_value.ts";
import { mergeMaps } from "./merge.ts";
import {
  defaultOrigin,
  distinctOrigins,
  layerOf,
  type Origin,
  originAt,
  type OriginFiles,
  type OriginKind,
} from "./origin.ts";
import { countAbove, isSynthetic, settleCount } from "./prompt_count.ts";
import { issueLocation } from "./source_text.ts";
import type { Grid, Study } from "./study.ts";
import { experimentShape, STUDY_ONLY_KEYS } from "./study_schema.ts";
import { childOf, isNothing, type MapTree, type Tree, withoutKeys } from "./tree.ts";

const PRESET = "decoder.preset";
/** Swept values that decide about one path together; more combinations than this are not looked at. */
const MOST_COMBINATIONS = 10_000;

/** A study's tree, and what is needed to tell its layers apart. */
export interface ConfigTrees {
  readonly root: MapTree;
  readonly study: Study;
  readonly files: OriginFiles;
}

/** Every value that a path of an experiment has over the runs of a study. */
export function configOrigins(path: string, trees: ConfigTrees): Origin[] {
  const decider = countDecider(path, trees);
  if (decider !== path) return configOrigins(decider, trees);
  const { root, study, files } = trees;
  const shared = withoutKeys(root, STUDY_ONLY_KEYS);
  const owner = ownerOf(path);
  const lookups = [...gridLookups(path, root, shared, study), ...entryLookups(root, shared, study, owner)];
  if (lookups.length === 0) return [defaultOrigin(checkedValue(path, null).fallback)];
  const origins = distinctOrigins(lookups.map((lookup) => originOf(path, lookup, files)));
  return path === "backend" ? backendOrigins(origins, study) : origins;
}

/**
 * The path that decides about a path. Of the two places for the number of synthetic prompts it is the one that is swept,
 * else the one that is given; any other path decides about itself.
 */
function countDecider(path: string, { root, study: { grid } }: ConfigTrees): string {
  if (path !== "n" && path !== "dataset.n") return path;
  const dataset = childOf(root, "dataset");
  if (dataset?.kind !== "map" || !isSynthetic(dataset)) return path;
  const swept = new Set(grid?.dimensions.map((dimension) => dimension.path));
  if (swept.has("dataset") || swept.has(path)) return path;
  const other = path === "n" ? "dataset.n" : "n";
  if (path === "n" && isNothing(childOf(root, "n"))) return isNothing(childOf(dataset, "n")) ? path : other;
  return swept.has(other) ? other : path;
}

/** What one run, or many alike, give for a path: the value and the block of the study file that it stands in. */
type Lookup = (path: string) => { readonly tree: Tree; readonly block: OriginKind } | null;

function originOf(path: string, lookup: Lookup, files: OriginFiles): Origin {
  const found = lookup(path);
  const { value, fallback, fits } = checkedValue(path, found?.tree ?? null);
  if (found !== null && value !== undefined) {
    return originAt(found.tree, { value, kind: layerOf(found.tree, files, found.block), skipped: !fits });
  }
  return presetOrigin(path, lookup) ?? defaultOrigin(fallback);
}

/** A decoder setting that a preset fills in. */
function presetOrigin(path: string, lookup: Lookup): Origin | null {
  const [section, key = ""] = path.split(".");
  const found = section === "decoder" ? lookup(PRESET) : null;
  if (found?.tree.kind !== "scalar" || typeof found.tree.value !== "string") return null;
  const preset = found.tree.value;
  const settings: Readonly<Record<string, Json>> | undefined = new Map(Object.entries(DECODER_PRESETS)).get(
    preset,
  );
  const value = settings?.[key];
  return value === undefined ? null : originAt(found.tree, { value, kind: "preset", preset });
}

/** One lookup for every combination of the swept values that decide about a path. */
function gridLookups(path: string, root: MapTree, shared: MapTree, { grid }: Study): Lookup[] {
  if (grid === null || !ownsGrid(ownerOf(path), grid)) return [];
  const wanted = path.startsWith("decoder.") ? [path, PRESET] : [path];
  const deciding = grid.dimensions.filter(({ path: swept }) =>
    wanted.some((one) => one === swept || one.startsWith(`${swept}.`))
  );
  let combinations: ReadonlyMap<string, Tree>[] = [new Map()];
  for (const { path: swept } of deciding) {
    const items = sweptItems(root, swept);
    if (items.length === 0) continue;
    combinations = combinations.flatMap((picks) => items.map((item) => new Map(picks).set(swept, item)))
      .slice(0, MOST_COMBINATIONS);
  }
  return combinations.map((picks) => (one) => lookUp(one, picks, shared));
}

/** False for a path of a backend that the grid does not run. */
function ownsGrid(owner: Backend | null, { dimensions }: Grid): boolean {
  const backends = dimensions.find(({ path }) => path === "backend")?.values ?? [];
  return owner === null || backends.some(({ value }) => value === owner);
}

/** The deepest swept path at or above a path decides about it; what it leaves out of a section is left out. */
function lookUp(path: string, picks: ReadonlyMap<string, Tree>, shared: MapTree): ReturnType<Lookup> {
  const keys = path.split(".");
  for (let depth = keys.length; depth > 0; depth--) {
    const item = picks.get(keys.slice(0, depth).join("."));
    if (item !== undefined) return located(valueAt(item, keys.slice(depth)), "sweep");
  }
  return located(valueAt(shared, keys), "study");
}

function located(tree: Tree | null, block: OriginKind): ReturnType<Lookup> {
  return tree === null ? null : { tree, block };
}

function sweptItems(root: MapTree, path: string): readonly Tree[] {
  const sweep = childOf(root, "sweep");
  const values = sweep === null ? null : childOf(sweep, path);
  if (values === null) return [];
  return values.kind === "list" ? values.items : [values];
}

/** One lookup for every experiment that the file lists and that a path matters to. */
function entryLookups(root: MapTree, shared: MapTree, { entries }: Study, owner: Backend | null): Lookup[] {
  const experiments = childOf(root, "experiments");
  const items = experiments?.kind === "list" ? experiments.items : [];
  const slots = experimentShape().keys;
  const owned = entries.filter(({ backend }) => owner === null || backend === owner);
  const locations = new Set(owned.map(({ location }) => JSON.stringify(location)));
  const concerned = items.filter((item) => item.kind === "map").filter((item) =>
    locations.has(JSON.stringify(issueLocation(item)))
  );
  return concerned.map((item) => {
    const layered = mergeMaps(shared, item, (key) => slots.get(key) ?? null);
    const merged = settleCount(layered, countAbove(layered, item), "", () => {});
    return (path) => {
      const tree = valueAt(merged, path.split("."));
      return located(tree, isWithin(item, tree) ? "experiments" : "study");
    };
  });
}

/** True where a mapping holds a part, at whatever path. */
function isWithin(tree: Tree, part: Tree | null): boolean {
  if (tree === part) return true;
  const below = tree.kind === "map"
    ? [...tree.entries.values()].map(({ value }) => value)
    : tree.kind === "list"
    ? tree.items
    : [];
  return below.some((child) => isWithin(child, part));
}

/** A backend that nobody names is told by the sections that are swept. */
function backendOrigins(origins: readonly Origin[], { grid }: Study): Origin[] {
  const dimension = grid?.dimensions.find(({ path }) => path === "backend");
  const isOpen = origins.some(({ kind }) => kind === "default");
  const owners = new Set(grid?.dimensions.map(({ owner }) => owner));
  const told = (dimension?.values ?? []).filter(({ value }) =>
    isOpen && [...owners].some((owner) => owner === value)
  );
  if (told.length === 0) return [...origins];
  const swept = told.map(({ value, location }): Origin => {
    return { value: value ?? null, kind: "sweep", preset: null, location, skipped: false };
  });
  return [...swept, ...origins.filter(({ kind }) => kind !== "default")];
}
