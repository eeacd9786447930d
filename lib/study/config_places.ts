import { joinPath } from "./paths.ts";
import type { SourceLocation } from "./source_text.ts";
import { STUDY_ONLY_KEYS } from "./study_schema.ts";
import { childOf, jsonOfTree, type MapTree, type ScalarTree, type Tree } from "./tree.ts";
import type { Json } from "../base/json.ts";

/** A value that a study gives for a path of a configuration, whichever block of the file it stands in. */
export interface ConfigPlace {
  /** Keys of the configuration; the place in a list as its number. */
  readonly keys: readonly string[];
  /** The path as messages tell it, with the block. */
  readonly path: string;
  /** Of its key. */
  readonly key: SourceLocation;
  readonly tree: ScalarTree;
}

/** A block of the study as the configuration it gives, and where its values stand. */
export interface ConfigBlock {
  readonly config: Json;
  readonly places: readonly ConfigPlace[];
}

/**
 * Every value that a study gives for a configuration, block by block: the shared fields, each value of the sweep, each
 * listed experiment. Nothing is checked, and aliases are written out.
 */
export function* configBlocks(root: MapTree): Generator<ConfigBlock> {
  const own = { ...root, entries: new Map([...root.entries].filter(([key]) => !STUDY_ONLY_KEYS.has(key))) };
  yield blockOf(own, { keys: [], path: "", key: root });
  const sweep = childOf(root, "sweep");
  for (const [path, entry] of sweep?.kind === "map" ? sweep.entries : []) {
    const items = entry.value.kind === "list" ? entry.value.items : [entry.value];
    for (const item of items) {
      yield blockOf(item, { keys: path.split("."), path: `sweep.${path}`, key: item });
    }
  }
  const experiments = childOf(root, "experiments");
  for (const [index, item] of (experiments?.kind === "list" ? experiments.items : []).entries()) {
    yield blockOf(item, { keys: [], path: `experiments.${index}`, key: item });
  }
}

type Start = Omit<ConfigPlace, "tree">;

function blockOf(tree: Tree, start: Start): ConfigBlock {
  const places: ConfigPlace[] = [];
  visit(tree, start, places);
  return {
    config: start.keys.reduceRight<Json>((inner, key) => ({ [key]: inner }), jsonOfTree(tree)),
    places,
  };
}

function visit(tree: Tree, at: Start, places: ConfigPlace[]): void {
  if (tree.kind === "scalar") {
    places.push({ ...at, tree });
    return;
  }
  const parts = tree.kind === "list"
    ? tree.items.map((value, index) => [String(index), { key: value, value }] as const)
    : [...tree.entries];
  for (const [key, entry] of parts) {
    visit(entry.value, { keys: [...at.keys, key], path: joinPath(at.path, key), key: entry.key }, places);
  }
}
