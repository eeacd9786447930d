import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { flatSchema } from "./flat_schema.ts";
import { joinPath } from "./paths.ts";

/** A schema shorter than this, in characters, is written out wherever it holds. */
const SHORT = 50;

/** The JSON Schema of a sweep, and the definitions it refers to. */
export interface SweepSchema {
  readonly schema: JsonObject;
  readonly definitions: JsonObject;
}

/**
 * The JSON Schema of a sweep over an experiment: every dotted path, and below mappings that take any key any path. Paths
 * with values of one type share a definition, and a swept section is that of the file.
 */
export function sweepJsonSchema(experiment: JsonObject): SweepSchema {
  const properties: Record<string, Json> = {};
  const patternProperties: Record<string, Json> = {};
  const shared = new SharedTypes();
  const visit = (schema: JsonObject, path: string): void => {
    for (const [key, field] of Object.entries(schema.properties ?? {})) {
      if (!isJsonObject(field)) continue;
      const child = joinPath(path, key);
      const { description } = field;
      const about = typeof description === "string" ? { description: gist(description) } : {};
      properties[child] = { ...about, ...shared.swept(field, child) };
      visit(field, child);
    }
    if (isJsonObject(schema.additionalProperties)) {
      const below = `^${path.replaceAll(".", "\\.")}\\..`;
      patternProperties[below] = shared.swept(schema.additionalProperties, null);
    }
  };
  visit(experiment, "");
  return {
    schema: { type: ["object", "null"], properties, patternProperties, additionalProperties: false },
    definitions: shared.definitions,
  };
}

/** What a description begins with: the whole of it stands at the field itself. */
function gist(description: string): string {
  return description.split(/[;:,(]/, 1)[0]?.trim() ?? description;
}

/** Definitions of swept values, one for each type of value. */
class SharedTypes {
  readonly definitions: Record<string, Json> = {};
  readonly #names = new Map<string, string>();

  /** A list of values of a field; a single value is a list of one, unless it is a list itself. */
  swept(field: JsonObject, path: string | null): JsonObject {
    const { description: _, default: __, ...typed } = field;
    const type = withoutIdleType(typed);
    if (Object.keys(type).length === 0) return { minItems: 1 };
    const isSection = path !== null && isJsonObject(type.properties);
    const value = isSection ? { $ref: `#/properties/${path.replaceAll(".", "/properties/")}` } : type;
    const text = JSON.stringify(value);
    const name = this.#names.get(text) ?? `s${this.#names.size + 1}`;
    this.#names.set(text, name);
    this.definitions[name] ??= sweptValues(type, this.#shared(value, text));
    return { $ref: `#/$defs/${name}` };
  }

  /** A value in a definition of its own, where that is shorter than to write it twice. */
  #shared(value: JsonObject, text: string): JsonObject {
    if (value.type === "array" || text.length < SHORT) return value;
    const name = `v${this.#names.size}`;
    this.definitions[name] = value;
    return { $ref: `#/$defs/${name}` };
  }
}

/** Words to choose from say by themselves that they are text. */
function withoutIdleType(schema: JsonObject): JsonObject {
  const { type: _, ...rest } = schema;
  return Array.isArray(schema.enum) ? rest : schema;
}

function sweptValues(type: JsonObject, value: JsonObject): JsonObject {
  const list = { minItems: 1, items: value };
  if (type.type === "array") return { type: "array", ...list };
  // Of a value with a type of its own no keyword says anything of a list.
  const isPlain = value === type && type.type !== undefined && type.enum === undefined;
  return isPlain
    ? flatSchema({ anyOf: [type, { type: "array", ...list }] })
    : { ...list, if: { type: "array" }, else: value };
}
