import type { Json, JsonObject } from "../base/json.ts";
import { experimentSchema } from "./config.ts";
import { type Backend, BACKENDS, declarationOf, ENGINE_DECLARATIONS } from "./engines.ts";
import { mapShapeOf, slotOf } from "./shape.ts";

/** The fields that only one backend reads. A run keeps its own backend's; the others fall to their defaults. */
export const SECTION_OWNERS: ReadonlyMap<string, Backend> = new Map(
  BACKENDS.flatMap((backend) => {
    const { section, fields } = ENGINE_DECLARATIONS[backend];
    const names = [...section === null ? [] : [backend], ...Object.keys(fields)];
    return names.map((name): [string, Backend] => [name, backend]);
  }),
);

/** The precision that a configuration asks its backend for; undefined where it asks for none. */
export function ownPrecision(draft: JsonObject): Json | undefined {
  switch (declarationOf(draft.backend)?.precision) {
    case "of_model":
      return undefined;
    case "unknown":
      return draft.precision ?? undefined;
    default:
      return draft.precision ?? slotOf(experimentSchema.shape.precision).fallback;
  }
}

/** The backend that a dotted path belongs to; null where every backend reads it. */
export function ownerOf(path: string): Backend | null {
  const [field = ""] = path.split(".", 1);
  return SECTION_OWNERS.get(field) ?? null;
}

/** The draft for one backend: its name set, the other backends' sections left out. */
export function draftFor(backend: Backend, draft: JsonObject): JsonObject {
  const own = Object.entries(draft).filter(([field]) => {
    const owner = SECTION_OWNERS.get(field);
    return owner === undefined || owner === backend;
  });
  return { ...Object.fromEntries(own), backend };
}

/** The draft with the backend's own sections present, so that their defaults can be filled in. */
export function withOwnSections(backend: Backend, draft: JsonObject): JsonObject {
  const filled: Record<string, Json | undefined> = { ...draft };
  for (const [field, owner] of SECTION_OWNERS) {
    if (owner === backend && (draft[field] ?? null) === null && canBeEmpty(field)) filled[field] = {};
  }
  return filled;
}

/** False for a section in which something has no default, such as the program of a worker of the user's own. */
function canBeEmpty(field: string): boolean {
  const slot = mapShapeOf(experimentSchema).keys.get(field);
  return slot?.shape.kind === "map" &&
    [...slot.shape.keys.values()].every(({ fallback }) => fallback !== undefined);
}
