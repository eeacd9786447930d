import type { Shape, Slot } from "../experiment/shape.ts";
import { optionFor } from "./option_for.ts";
import type { MapEntry, MapTree, Tree } from "./tree.ts";

/** One mapping over another, key by key and at every depth: what the upper one gives wins. */
export function mergeMaps(low: MapTree, high: MapTree, slots: (key: string) => Slot | null): MapTree {
  const entries = new Map<string, MapEntry>(low.entries);
  for (const [key, entry] of high.entries) {
    const below = low.entries.get(key);
    const value = below === undefined ? entry.value : mergeTrees(below.value, entry.value, slots(key));
    entries.set(key, { key: entry.key, value });
  }
  return { ...high, entries };
}

function mergeTrees(low: Tree, high: Tree, slot: Slot | null): Tree {
  if (low.kind !== "map" || high.kind !== "map") return high;
  const shape = slot?.shape ?? null;
  if (shape?.kind !== "either") return mergeMaps(low, high, (key) => slotUnder(shape, key));
  const [below, above] = [optionFor(shape, low), optionFor(shape, high)];
  // Two forms of one field do not mix: a file of prompts replaces synthetic ones.
  return below === above ? mergeMaps(low, high, (key) => slotUnder(above?.shape ?? null, key)) : high;
}

function slotUnder(shape: Shape | null, key: string): Slot | null {
  if (shape?.kind === "map") return shape.keys.get(key) ?? null;
  return shape?.kind === "dictionary" ? shape.values : null;
}
