import { childOf, isNothing, type MapEntry, type MapTree, withKey } from "./tree.ts";
import type { UserConfig } from "./user_config.ts";

/** A study file's tree with what the user configuration says where its execution block leaves something open. */
export function withUserExecution(root: MapTree, { execution: low }: UserConfig): MapTree {
  const high = childOf(root, "execution");
  if (low === null || (high !== null && high.kind !== "map" && !isNothing(high))) return root;
  const given = high?.kind === "map" ? high.entries : new Map<string, MapEntry>();
  const entries = new Map(given);
  for (const [key, entry] of low.entries) {
    if (isNothing(given.get(key)?.value ?? null)) entries.set(key, entry);
  }
  const key = root.entries.get("execution")?.key ?? low;
  return withKey(root, "execution", { key, value: { ...low, entries } });
}
