import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { joinPath } from "./paths.ts";

/** The JSON Schema of a sweep over an experiment: every dotted path, and below mappings that take any key any path. */
export function sweepJsonSchema(experiment: JsonObject): JsonObject {
  const properties: Record<string, Json> = {};
  const patternProperties: Record<string, Json> = {};
  const visit = (schema: JsonObject, path: string): void => {
    for (const mapping of mappingsOf(schema)) {
      for (const [key, field] of Object.entries(mapping.properties ?? {})) {
        const child = joinPath(path, key);
        properties[child] = sweptValues(field);
        visit(field, child);
      }
      if (isJsonObject(mapping.additionalProperties)) {
        const below = `^${path.replaceAll(".", "\\.")}\\..`;
        patternProperties[below] = sweptValues(mapping.additionalProperties);
      }
    }
  };
  visit(experiment, "");
  return { type: "object", properties, patternProperties, additionalProperties: false };
}

interface Mapping {
  readonly properties?: Readonly<Record<string, JsonObject>>;
  readonly additionalProperties?: Json;
}

/** The mappings that a schema allows. */
function mappingsOf(schema: JsonObject): Mapping[] {
  const options = Array.isArray(schema.anyOf) ? schema.anyOf : [schema];
  return options.filter((option): option is JsonObject & Mapping => option.type === "object");
}

/** A list of values; a single value is a list of one, unless it is a list itself. */
function sweptValues(field: JsonObject): JsonObject {
  const { description, default: _, ...value } = field;
  const told = description === undefined ? {} : { description };
  if (Object.keys(value).length === 0) return { ...told, minItems: 1 };
  const values = { type: "array", minItems: 1, items: value };
  return value.type === "array" ? { ...told, ...values } : { ...told, anyOf: [values, value] };
}
