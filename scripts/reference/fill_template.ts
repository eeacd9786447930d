import type { MapShape, Slot } from "../../lib/experiment/shape.ts";
import { keysTable } from "./keys_table.ts";

const PLACEHOLDER = /^<!-- keys: (\S+) -->$/gm;

/** A page from its template: every `<!-- keys: path -->` becomes the table of the keys below that path. */
export function fillTemplate(template: string, tables: (path: string) => MapShape["keys"] | null): string {
  return template.replaceAll(PLACEHOLDER, (_, path: string) => {
    const keys = tables(path);
    if (keys === null) throw new Error(`Cannot make a table: ${path} has no keys`);
    return keysTable(keys);
  });
}

/** The keys below a dotted path; `path/1` means the second of several forms. Null where nothing has keys there. */
export function keysBelow(root: MapShape, path: string): MapShape["keys"] | null {
  const [dotted = "", form] = path.split("/");
  let keys: MapShape["keys"] | null = root.keys;
  for (const key of dotted.split(".")) keys = keysOf(keys?.get(key), Number(form ?? 0));
  return keys;
}

function keysOf(slot: Slot | undefined, form: number): MapShape["keys"] | null {
  const shape = slot?.shape.kind === "either" ? slot.shape.options[form]?.shape : slot?.shape;
  return shape?.kind === "map" ? shape.keys : null;
}
