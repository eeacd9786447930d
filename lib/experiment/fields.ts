import { z } from "zod";
import type { Json } from "../base/json.ts";
import { note } from "./field_notes.ts";

/** A whole number from a least one on. */
export const count = (least = 1): z.ZodInt => z.int().min(least);

/** A field that may be left open: null is its default and stands for the engine's own choice. */
export function open<Schema extends z.ZodType>(schema: Schema): z.ZodDefault<z.ZodNullable<Schema>> {
  const nullable = z.nullable(schema);
  return z._default(nullable, null as z.util.NoUndefined<z.output<typeof nullable>>);
}

/** A field that configurations of an earlier llem lack: its default is filled in, and a reader must not count on it. */
export function later<Schema extends z.ZodType>(schema: Schema): z.ZodOptional<Schema> {
  return z.optional(schema);
}

/** A field whose engine is known to do the usual thing where it is left open, so that saying so changes nothing. */
export function usual<Schema extends z.ZodType>(libraryDefault: Json, schema: Schema): Schema {
  return note(schema, { libraryDefault });
}

/** A section that hands keys we do not know on to the engine. */
export function openSection<Shape extends z.ZodRawShape>(
  shape: Shape,
): z.ZodObject<Shape, z.core.$catchall<z.ZodJSONSchema>> {
  return z.object(shape).catchall(z.json());
}

/** The flag that allows an engine to run a model's own code. */
export function remoteCodeFlag(): z.ZodBoolean {
  return z.boolean().describe(
    "run the Python code in the model's repository, with all of your permissions; read it first",
  );
}

/** The interpreter of an engine that lives in Python. */
export function interpreterField(): z.ZodDefault<z.ZodNullable<z.ZodString>> {
  return open(z.string().min(1)).describe(
    "Python interpreter: a program in PATH, or a path relative to the study file; null is LLEM_PYTHON, an active virtual environment or python3",
  );
}
