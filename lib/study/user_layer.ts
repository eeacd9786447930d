import { childOf, isNothing, type MapEntry, type MapTree, withKey } from "./tree.ts";
import type { UserConfig } from "./user_config.ts";

/** A study's tree with what the user configuration says where its execution and runners leave something open. */
export function withUserLayer(root: MapTree, { execution, runners }: UserConfig): MapTree {
  return withBlock(withBlock(root, "execution", execution), "runners", runners);
}

function withBlock(root: MapTree, key: string, low: MapTree | null): MapTree {
  const high = childOf(root, key);
  if (low === null || (high !== null && high.kind !== "map" && !isNothing(high))) return root;
  const own = high?.kind === "map" ? high.entries : new Map<string, MapEntry>();
  const entries = new Map(own);
  for (const [name, entry] of low.entries) {
    if (isNothing(own.get(name)?.value ?? null)) entries.set(name, entry);
  }
  return withKey(root, key, { key: root.entries.get(key)?.key ?? low, value: { ...low, entries } });
}
