import type { Json } from "../../lib/base/json.ts";
import { experimentSchema } from "../../lib/experiment/config.ts";
import type { Backend } from "../../lib/experiment/engines.ts";
import { SECTION_OWNERS } from "../../lib/experiment/sections.ts";
import { type MapShape, mapShapeOf, type Shape, type Slot } from "../../lib/experiment/shape.ts";

/** A field of an experiment by its dotted path. */
export interface Field {
  readonly path: string;
  readonly slot: Slot;
  /** The backend that reads it; pytorch for fields of all. */
  readonly backend: Backend;
}

/** Every field of an experiment that has no fields below it, the forms of the dataset left out. */
export function leafFields(): Field[] {
  return fieldsOf(mapShapeOf(experimentSchema), "").filter(({ path }) =>
    path !== "dataset" && path !== "backend"
  );
}

function fieldsOf(map: MapShape, above: string): Field[] {
  return [...map.keys].flatMap(([key, slot]) => {
    const path = above === "" ? key : `${above}.${key}`;
    if (slot.shape.kind === "map") return fieldsOf(slot.shape, path);
    const [top = ""] = path.split(".", 1);
    return [{ path, slot, backend: SECTION_OWNERS.get(top) ?? "pytorch" }];
  });
}

/** Values that fit a shape, each meaning something else. */
export function valuesFor(shape: Shape): Json[] {
  switch (shape.kind) {
    case "number": {
      const { whole, least, most } = shape;
      const low = least?.value ?? 1;
      const top = Math.min(most?.value ?? low + 10, low + 10);
      return whole
        ? [Math.ceil(low) + 1, Math.ceil(low) + 2]
        : [low + (top - low) * 0.31, low + (top - low) * 0.47];
    }
    case "text":
      return ["one", "other"];
    case "flag":
      return [true, false];
    case "choice":
      return [...shape.options];
    case "list":
      return [["a"], ["a", "b"]];
    case "dictionary":
      return [{ a: "1" }, { a: "2" }, { b: "1" }];
    case "free":
      return [{ a: [1, null] }, "text", 3];
    case "map":
    case "either":
      return [];
  }
}
