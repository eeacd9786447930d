import type { MapShape, Shape, Slot } from "../experiment/shape.ts";

/** Where following a dotted path through a declaration ends. */
export type PathEnd =
  | { readonly kind: "slot"; readonly slot: Slot }
  /** The path leaves what is declared, in a section that takes any key or a free mapping. */
  | { readonly kind: "open"; readonly shape: MapShape | null; readonly key: string; readonly path: string }
  /** No such key. */
  | {
    readonly kind: "unknown";
    readonly shape: MapShape | null;
    readonly key: string;
    readonly path: string;
  };

/** Follows a dotted path from a mapping's declaration. */
export function followPath(root: MapShape, path: string): PathEnd {
  const keys = path.split(".");
  let shape: Shape = root;
  let slot: Slot | null = null;
  for (const [index, key] of keys.entries()) {
    const walked = keys.slice(0, index + 1).join(".");
    if (shape.kind === "free") return { kind: "open", shape: null, key, path: walked };
    const next = step(shape, key);
    if (next === null) {
      const map = mapWithin(shape);
      return { kind: map?.open === true ? "open" : "unknown", shape: map, key, path: walked };
    }
    slot = next;
    shape = next.shape;
  }
  return slot === null ? { kind: "unknown", shape: root, key: path, path } : { kind: "slot", slot };
}

function step(shape: Shape, key: string): Slot | null {
  if (shape.kind === "map") return shape.keys.get(key) ?? null;
  if (shape.kind === "dictionary") return shape.values;
  if (shape.kind !== "either") return null;
  for (const option of shape.options) {
    const slot = step(option.shape, key);
    if (slot !== null) return slot;
  }
  return null;
}

/** The mapping whose keys to suggest from. */
function mapWithin(shape: Shape): MapShape | null {
  if (shape.kind === "map") return shape;
  if (shape.kind !== "either") return null;
  return shape.options.map((option) => mapWithin(option.shape)).find((map) => map !== null) ?? null;
}
