import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";

/** What an object holds at a dotted path; undefined where nothing is there. */
export function readPath(object: JsonObject, path: string): Json | undefined {
  return readKeys(object, path.split("."));
}

/** The same by the keys of the path, which may hold dots. */
export function readKeys(object: JsonObject, keys: readonly string[]): Json | undefined {
  let value: Json | undefined = object;
  for (const key of keys) {
    if (!isJsonObject(value)) return undefined;
    value = Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}
