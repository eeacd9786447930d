import type { EitherShape, Slot } from "../experiment/shape.ts";
import type { Tree } from "./tree.ts";

/** The form that a tree most likely means: a mapping by the keys it shares with it, a scalar by being one. */
export function optionFor(shape: EitherShape, tree: Tree): Slot | null {
  if (tree.kind !== "map") {
    const fitting = shape.options.filter((option) => fits(option, tree));
    return fitting.find((option) => isOfType(option, tree)) ?? fitting[0] ?? null;
  }
  let best: Slot | null = null;
  let most = -1;
  for (const option of shape.options) {
    if (option.shape.kind !== "map") continue;
    const { keys } = option.shape;
    const shared = [...tree.entries.keys()].filter((key) => keys.has(key)).length;
    if (shared > most) [best, most] = [option, shared];
  }
  return best;
}

function fits({ shape }: Slot, tree: Tree): boolean {
  if (tree.kind === "list") return shape.kind === "list";
  return !["map", "list", "dictionary"].includes(shape.kind);
}

/** Told where both a number and a text may stand. */
function isOfType({ shape }: Slot, tree: Tree): boolean {
  return tree.kind === "scalar" && (shape.kind === "number") === (typeof tree.value === "number");
}
