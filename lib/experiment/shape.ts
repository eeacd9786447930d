/**
 * The plain shape of a zod declaration, for everything that walks a configuration: checking, merging, identity.
 * The only file that looks inside zod; a declaration it does not know is a mistake of ours and throws.
 */
import { z } from "zod";
import type { Json } from "../base/json.ts";
import { type FieldNotes, notesOf } from "./field_notes.ts";

export type Shape =
  | MapShape
  | DictionaryShape
  | ListShape
  | NumberShape
  | TextShape
  | FlagShape
  | ChoiceShape
  | FreeShape
  | EitherShape;

/** A mapping with known keys; an open one also takes others. */
export interface MapShape {
  readonly kind: "map";
  readonly open: boolean;
  readonly keys: ReadonlyMap<string, Slot>;
}

/** A mapping with any keys and values of one shape. */
export interface DictionaryShape {
  readonly kind: "dictionary";
  readonly values: Slot;
}

export interface ListShape {
  readonly kind: "list";
  readonly items: Slot;
  readonly least: number;
}

export interface NumberShape {
  readonly kind: "number";
  readonly whole: boolean;
  readonly least: Bound | null;
  readonly most: Bound | null;
}

export interface Bound {
  readonly value: number;
  readonly inclusive: boolean;
}

export interface TextShape {
  readonly kind: "text";
  readonly least: number;
}

export interface FlagShape {
  readonly kind: "flag";
}

/** One of some words or numbers. */
export interface ChoiceShape {
  readonly kind: "choice";
  readonly options: readonly (string | number)[];
}

/** Any JSON value. */
export interface FreeShape {
  readonly kind: "free";
}

/** One of several shapes, told apart by what is given. */
export interface EitherShape {
  readonly kind: "either";
  readonly options: readonly Slot[];
}

/** A place in a declaration: the shape that is due there, and what holds where nothing is given. */
export interface Slot {
  readonly shape: Shape;
  readonly nullable: boolean;
  /** The resolved default; undefined where a value must be given. */
  readonly fallback: Json | undefined;
  readonly notes: FieldNotes;
  /** What it means, for people; null where the declaration does not say. */
  readonly about: string | null;
}

const known = new WeakMap<z.core.$ZodType, Slot>();

/** The slot that a zod declaration describes. */
export function slotOf(schema: z.core.$ZodType): Slot {
  const seen = known.get(schema);
  if (seen !== undefined) return seen;
  const slot = readSlot(schema);
  known.set(schema, slot);
  return slot;
}

/** The slot of a mapping declaration, with its keys at hand. */
export function mapShapeOf(schema: z.core.$ZodType): MapShape {
  const { shape } = slotOf(schema);
  if (shape.kind !== "map") throw new Error(`Cannot read keys: the declaration is a ${shape.kind}`);
  return shape;
}

function readSlot(schema: z.core.$ZodType): Slot {
  const fallback = z.safeParse(schema, undefined);
  let notes: FieldNotes = {};
  let nullable = false;
  let about: string | null = null;
  let inner: z.core.$ZodType = schema;
  for (;;) {
    notes = { ...notesOf(inner), ...notes };
    about ??= descriptionOf(inner);
    if (inner instanceof z.ZodNullable) nullable = true;
    else if (
      !(inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional)
    ) break;
    inner = inner.unwrap();
  }
  // Zod answers undefined for a slot that may be left out without a default; nothing here is declared so.
  return {
    shape: readShape(inner),
    nullable,
    fallback: fallback.success ? fallback.data as Json : undefined,
    notes,
    about,
  };
}

function descriptionOf(schema: z.core.$ZodType): string | null {
  return z.globalRegistry.get(schema)?.description ?? null;
}

function readShape(schema: z.core.$ZodType): Shape {
  if (schema instanceof z.ZodObject) return readMap(schema);
  if (schema instanceof z.ZodRecord) return { kind: "dictionary", values: slotOf(schema.valueType) };
  if (schema instanceof z.ZodArray) {
    return { kind: "list", items: slotOf(schema.element), least: leastLength(schema.def.checks) };
  }
  if (schema instanceof z.ZodNumber) return readNumber(schema);
  if (schema instanceof z.ZodString) return { kind: "text", least: leastLength(schema.def.checks) };
  if (schema instanceof z.ZodBoolean) return { kind: "flag" };
  if (schema instanceof z.ZodEnum) return { kind: "choice", options: schema.options };
  if (schema instanceof z.ZodLiteral) {
    return { kind: "choice", options: [...schema.values] as (string | number)[] };
  }
  if (schema instanceof z.ZodUnion) {
    return {
      kind: "either",
      options: schema.options.map((option) => slotOf(option)),
    };
  }
  if (schema instanceof z.ZodLazy || schema instanceof z.ZodUnknown) return { kind: "free" };
  throw new Error(`Cannot read the shape of a zod declaration of type ${schema._zod.def.type}`);
}

function readMap(schema: z.ZodObject): MapShape {
  const keys = new Map(Object.entries(schema.shape).map(([key, value]) => [key, slotOf(value)]));
  const open = schema.def.catchall instanceof z.ZodLazy;
  return { kind: "map", open, keys };
}

function readNumber(schema: z.ZodNumber): NumberShape {
  let least: Bound | null = null;
  let most: Bound | null = null;
  for (const { _zod: { def } } of schema.def.checks ?? []) {
    if (isBoundCheck(def, "greater_than")) least = { value: def.value, inclusive: def.inclusive };
    if (isBoundCheck(def, "less_than")) most = { value: def.value, inclusive: def.inclusive };
  }
  return { kind: "number", whole: schema.isInt, least, most };
}

function isBoundCheck(def: z.core.$ZodCheckDef, check: string): def is z.core.$ZodCheckDef & Bound {
  return def.check === check && "value" in def && typeof def.value === "number";
}

function leastLength(checks: readonly z.core.$ZodCheck<never>[] | undefined): number {
  for (const { _zod: { def } } of checks ?? []) {
    if (def.check === "min_length" && "minimum" in def && typeof def.minimum === "number") return def.minimum;
  }
  return 0;
}
