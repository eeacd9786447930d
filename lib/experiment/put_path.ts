import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";

/** The object with another value at a path; what is no mapping on the way there gives way to one. Undefined takes the key out. */
export function putPath(object: JsonObject, keys: readonly string[], value: Json | undefined): JsonObject {
  const [key = "", ...rest] = keys;
  if (rest.length === 0) {
    const { [key]: _, ...others } = object;
    return value === undefined ? others : { ...object, [key]: value };
  }
  const below = Object.hasOwn(object, key) ? object[key] : undefined;
  return { ...object, [key]: putPath(isJsonObject(below) ? below : {}, rest, value) };
}
