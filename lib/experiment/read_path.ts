import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";

/** What an object holds at a dotted path; undefined where nothing is there. */
export function readPath(object: JsonObject, path: string): Json | undefined {
  let value: Json | undefined = object;
  for (const key of path.split(".")) {
    if (!isJsonObject(value)) return undefined;
    value = Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}
