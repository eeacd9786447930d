import type { MapShape, Slot } from "../../lib/experiment/shape.ts";
import { keysList } from "./keys_list.ts";

const PLACEHOLDER = /^<!-- keys: (\S+) -->$/gm;

/** A page from its template: every `<!-- keys: path -->` becomes the list of the keys below that path. */
export function fillTemplate(template: string, lists: (path: string) => MapShape["keys"] | null): string {
  return template.replaceAll(PLACEHOLDER, (_, path: string) => {
    const keys = lists(path);
    if (keys === null) throw new Error(`Cannot make a list: ${path} has no keys`);
    return keysList(keys);
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
