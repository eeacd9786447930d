import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";

/**
 * A JSON Schema without anyOf, wherever the type of a value alone tells which option is meant. A validator then tells
 * the key or value that is wrong, and not only that none of the options fits.
 */
export function flatSchema(schema: JsonObject): JsonObject {
  const parts = Object.entries(schema).map(([key, part]): [string, Json] => {
    if (key === "properties" && isJsonObject(part)) return [key, mapValues(part)];
    if (key === "items" || key === "additionalProperties") return [key, flatOf(part)];
    if (key === "anyOf" && Array.isArray(part)) return [key, part.map(flatOf)];
    return [key, part ?? null];
  });
  const flat: JsonObject = Object.fromEntries(parts);
  const { anyOf, ...rest } = flat;
  const options = Array.isArray(anyOf) ? anyOf.filter(isJsonObject) : [];
  return options.length < 2 ? flat : { ...rest, ...joined(options) };
}

function mapValues(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, flatOf(field)]));
}

function flatOf(part: Json | undefined): Json {
  return isJsonObject(part) ? flatSchema(part) : part ?? null;
}

/** One schema for options that differ in their types; keywords of one type say nothing of values of another. */
function joined(options: readonly JsonObject[]): JsonObject {
  const objects = options.filter(({ type }) => type === "object");
  const others = options.filter(({ type }) => type !== "object");
  const parts = objects.length === 0 ? others : [joinedObjects(objects), ...others];
  const list = parts.find(({ type }) => type === "array");
  const values = parts.filter((part) => part !== list && part.type !== "null");
  const words = values.filter((part) => part.enum !== undefined);
  if (words.length > 0 && (values.length > 1 || list !== undefined)) {
    // An enumeration holds for values of every type.
    const [value] = values;
    return list === undefined || value === undefined || values.length > 1
      ? { anyOf: [...options] }
      : { if: { type: "array" }, then: list, else: value };
  }
  const types = [...new Set(parts.flatMap(({ type }) => type ?? []))];
  const joinedParts = parts.reduce<JsonObject>((all, part) => ({ ...all, ...part }), {});
  const enumeration = joinedParts.enum;
  const isNullable = types.includes("null");
  return {
    ...joinedParts,
    type: types,
    ...Array.isArray(enumeration) && isNullable ? { enum: [...enumeration, null] } : {},
  };
}

/** A mapping that may have the keys of any of these; keys that no single one has together exclude each other. */
function joinedObjects(objects: readonly JsonObject[]): JsonObject {
  const [first = {}] = objects;
  if (objects.length === 1) return first;
  const keysOf = objects.map(({ properties }) => isJsonObject(properties) ? Object.keys(properties) : []);
  const all = [...new Set(keysOf.flat())];
  const excluded = (key: string): string[] => {
    const beside = new Set(keysOf.filter((keys) => keys.includes(key)).flat());
    return all.filter((other) => !beside.has(other));
  };
  const properties = objects.reduce<JsonObject>((fields, object) => {
    return isJsonObject(object.properties) ? { ...fields, ...object.properties } : fields;
  }, {});
  // Of two keys that exclude each other the first tells.
  const dependentSchemas = Object.fromEntries(
    all.map((key, index) => [key, excluded(key).filter((other) => all.indexOf(other) > index)] as const)
      .filter(([, others]) => others.length > 0)
      .map(([key, others]) => [
        key,
        { properties: Object.fromEntries(others.map((other) => [other, false])) },
      ]),
  );
  return { type: "object", properties, additionalProperties: false, dependentSchemas };
}
