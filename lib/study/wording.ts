import type { Bound, NumberShape, Shape, Slot } from "../experiment/shape.ts";
import { aMapping, nonEmptyList, nonEmptyText } from "./messages.ts";
import { quote } from "./quote.ts";
import type { Tree } from "./tree.ts";

/** What would be right at a slot, to follow "must be". */
export function expected(slot: Slot): string {
  const text = expectedShape(slot.shape);
  if (!slot.nullable) return text;
  return slot.shape.kind === "choice" && !text.includes(" or ") ? `${text} or null` : `${text}, or null`;
}

/** What was found, to follow "found". */
export function found(tree: Tree): string {
  if (tree.kind === "list") return tree.items.length === 0 ? "an empty list" : "a list";
  if (tree.kind === "map") return tree.entries.size === 0 ? "an empty mapping" : "a mapping";
  const { value, written } = tree;
  if (value === null) return "nothing";
  if (typeof value === "string") return quote(value);
  return written ?? String(value);
}

function expectedShape(shape: Shape): string {
  switch (shape.kind) {
    case "number":
      return expectedNumber(shape);
    case "text":
      return shape.least > 0 ? nonEmptyText() : "text";
    case "flag":
      return "true or false";
    case "choice":
      return oneOf(shape.options.map(String));
    case "list":
      return shape.least > 0 ? nonEmptyList() : "a list";
    case "map":
    case "dictionary":
      return aMapping();
    case "free":
      return "a value";
    case "either":
      return shape.options.map((option) => optionOf(option)).join(" or ");
  }
}

/** A mapping among other forms is told by the keys it cannot do without. */
function optionOf({ shape }: Slot): string {
  if (shape.kind !== "map") return shape.kind === "text" ? "text" : expectedShape(shape);
  const needed = [...shape.keys].filter(([, slot]) => slot.fallback === undefined).map(([key]) => key);
  return `a mapping with ${needed.join(", ")}`;
}

function expectedNumber({ whole, least, most }: NumberShape): string {
  const noun = whole ? "a whole number" : "a number";
  if (least?.inclusive && most?.inclusive) return `${noun} from ${least.value} to ${most.value}`;
  const bounds = [lower(least), upper(most)].filter((part) => part !== null);
  return bounds.length === 0 ? noun : `${noun} ${bounds.join(" and ")}`;
}

function lower(bound: Bound | null): string | null {
  return bound === null ? null : `${bound.inclusive ? ">=" : ">"} ${bound.value}`;
}

function upper(bound: Bound | null): string | null {
  return bound === null ? null : `${bound.inclusive ? "<=" : "<"} ${bound.value}`;
}

function oneOf(options: readonly string[]): string {
  if (options.length < 3) return options.join(" or ");
  return `one of ${options.join(", ")}`;
}
