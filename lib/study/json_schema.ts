import { z } from "zod";
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { experimentSchema } from "../experiment/config.ts";
import { notesOf } from "../experiment/field_notes.ts";
import { flatSchema } from "./flat_schema.ts";
import { studySchema } from "./study_schema.ts";
import { sweepJsonSchema } from "./sweep_json_schema.ts";

/**
 * The JSON Schema (draft 2020-12) of study files, for editors. It tells what llem would refuse, and also what llem takes
 * with a warning (a quoted number) or leaves out (a swept value that does not fit). Nothing is required, since a `base`,
 * a sweep or the command line may give what a file does not hold; rules between fields are left to `llem plan`.
 */
export function studyJsonSchema(): JsonObject {
  const study = flatMapping(studySchema);
  const experiment = flatMapping(experimentSchema);
  const { sweep, experiments } = study.properties;
  const fields = [...Object.keys(experiment.properties), "runners"];
  const entry = {
    type: "object",
    properties: Object.fromEntries(fields.map((field) => [field, { $ref: `#/properties/${field}` }])),
    additionalProperties: false,
  };
  const { schema, definitions } = sweepJsonSchema(experiment);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "urn:llem:study-file:1",
    title: "llem study file",
    type: "object",
    properties: {
      ...study.properties,
      sweep: described(sweep, schema),
      experiments: described(experiments, { type: ["array", "null"], minItems: 1, items: entry }),
    },
    additionalProperties: false,
    $defs: definitions,
  };
}

/** The JSON Schema of a mapping, which has properties. */
type MappingSchema = JsonObject & { readonly properties: JsonObject };

function plainSchema(schema: z.ZodObject): MappingSchema {
  const made = z.toJSONSchema(schema, {
    io: "input",
    reused: "inline",
    override: takeCommaLists,
  }) as JsonObject;
  const { $defs: _, $schema: __, ...plain } = plainOf(made);
  return { ...plain, properties: isJsonObject(plain.properties) ? plain.properties : {} };
}

function flatMapping(schema: z.ZodObject): MappingSchema {
  const { properties, ...rest } = flatSchema(plainSchema(schema));
  return { ...rest, properties: isJsonObject(properties) ? properties : {} };
}

/** The same field with another type. */
function described(field: Json | undefined, type: JsonObject): JsonObject {
  const description = isJsonObject(field) ? field.description : undefined;
  return { ...description === undefined ? {} : { description }, ...type };
}

/** Some lists may also be one text with commas, and hold numbers. */
function takeCommaLists(
  { zodSchema, jsonSchema }: {
    readonly zodSchema: z.core.$ZodTypes;
    readonly jsonSchema: z.core.JSONSchema.BaseSchema;
  },
): void {
  if (notesOf(zodSchema).commaList !== true) return;
  const part: z.core.JSONSchema.BaseSchema = { type: ["string", "number"] as unknown as "string" };
  delete jsonSchema.type;
  delete jsonSchema.items;
  jsonSchema.anyOf = [{ type: "array", items: part }, part];
}

/** Leaves out of a schema what does not hold for a file by itself, or says nothing. */
function plainOf(schema: JsonObject): JsonObject {
  // The only references are those of any JSON value to itself.
  const plain: Record<string, Json | undefined> = withoutKeys(schema, [
    "$ref",
    "required",
    // What may be left out is null where nothing else is said.
    ...schema.default === null ? ["default"] : [],
    ...idleKeys(schema),
  ]);
  if (isJsonObject(plain.properties)) plain.properties = mapValues(plain.properties, plainOf);
  for (const key of ["items", "additionalProperties"]) {
    const part = plain[key];
    if (isJsonObject(part)) plain[key] = plainOf(part);
  }
  if (Array.isArray(plain.anyOf)) plain.anyOf = plain.anyOf.map(plainOf);
  // A section whose keys are all commented out is as good as none.
  const isSection = plain.default !== undefined && isJsonObject(plain.properties);
  if (!isSection) return plain;
  const { default: fallback, description = "", ...type } = plain;
  return { default: fallback, description, anyOf: [type, { type: "null" }] };
}

/** Keys that only say that a whole number is one, or that a key is text. */
function idleKeys({ minimum, maximum, propertyNames }: JsonObject): string[] {
  const isEmpty = (bound: Json | undefined): boolean => Math.abs(Number(bound)) === Number.MAX_SAFE_INTEGER;
  const isAnyText = isJsonObject(propertyNames) && propertyNames.enum === undefined;
  return [
    ...isEmpty(minimum) ? ["minimum"] : [],
    ...isEmpty(maximum) ? ["maximum"] : [],
    ...isAnyText ? ["propertyNames"] : [],
  ];
}

function mapValues(fields: JsonObject, change: (field: JsonObject) => JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).map(([key, field]) => [key, isJsonObject(field) ? change(field) : field]),
  );
}

function withoutKeys(schema: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => !keys.includes(key)));
}
