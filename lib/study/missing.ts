import type { Slot } from "../experiment/shape.ts";
import type { Findings } from "./findings.ts";
import { isMissing } from "./messages.ts";
import { optionFor } from "./option_for.ts";
import { joinPath } from "./paths.ts";
import { nearestName } from "./spelling.ts";
import { issueAt } from "./source_text.ts";
import type { MapTree, Tree } from "./tree.ts";
import { expected } from "./wording.ts";

/** Finds what must be given and is not, at every depth of a configuration that is put together. */
export function findMissing(findings: Findings, slot: Slot, tree: Tree, path: string): void {
  const { shape } = slot;
  if (tree.kind !== "map") return;
  if (shape.kind === "either") {
    const option = optionFor(shape, tree);
    if (option !== null) findMissing(findings, option, tree, path);
  }
  if (shape.kind === "map") findMissingKeys(findings, shape.keys, tree, path);
}

function findMissingKeys(
  findings: Findings,
  keys: ReadonlyMap<string, Slot>,
  tree: MapTree,
  path: string,
): void {
  const isNew = !findings.told.has(tree);
  findings.told.add(tree);
  for (const [key, slot] of keys) {
    const entry = tree.entries.get(key);
    const child = joinPath(path, key);
    if (entry !== undefined) findMissing(findings, slot, entry.value, child);
    else if (slot.fallback === undefined && isNew && !isMisspelt(key, keys, tree)) {
      const issue = issueAt(tree, child, isMissing(expected(slot)));
      findings.found.push({ kind: "missing", issue });
    }
  }
}

/** True where a key nobody knows stands for this one: that is one mistake, and is told as the unknown key. */
function isMisspelt(name: string, keys: ReadonlyMap<string, Slot>, tree: MapTree): boolean {
  const names = [...keys.keys()];
  return [...tree.entries.keys()].some((key) => !keys.has(key) && nearestName(key, names) === name);
}
