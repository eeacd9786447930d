import { z } from "zod";
import { isJsonObject, type JsonObject } from "../base/json.ts";
import type { Frame } from "./frame.ts";

/**
 * What the JSON text of one frame turned out to be. `foreign` (no JSON object with our token) is log text;
 * `invalid` is a frame of ours that breaks the protocol; `unknown` has a type of a later version.
 */
export type FrameReading =
  | { readonly kind: "frame"; readonly frame: Frame }
  | { readonly kind: "foreign" }
  | { readonly kind: "unknown"; readonly type: string }
  | { readonly kind: "invalid"; readonly reason: string };

const decoder = new TextDecoder();

/** Parses and checks the JSON text of one frame. */
export function readFrame(bytes: Uint8Array, token: string): FrameReading {
  const text = decoder.decode(bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // Only a text that holds the token can be a frame of ours that was damaged on its way.
    if (!text.includes(token)) return { kind: "foreign" };
    return { kind: "invalid", reason: `not JSON: ${(error as Error).message}` };
  }
  if (typeof value !== "object" || value === null || (value as { token?: unknown }).token !== token) {
    return { kind: "foreign" };
  }
  const { token: _, ...fields } = value as Record<string, unknown>;
  const { type } = fields;
  if (typeof type !== "string") return { kind: "invalid", reason: "a frame without a type" };
  const schema = Object.hasOwn(frameSchemas, type) ? frameSchemas[type as Frame["type"]] : undefined;
  if (schema === undefined) return { kind: "unknown", type };
  const trouble = unfit(fields, DEEPEST);
  if (trouble !== null) return { kind: "invalid", reason: `${type} frame: ${trouble}` };
  const checked = schema.safeParse(fields);
  if (checked.success) return { kind: "frame", frame: checked.data as Frame };
  const [first] = checked.error.issues;
  return { kind: "invalid", reason: `${type} frame: ${first?.path.join(".")}: ${first?.message}` };
}

/** Levels of nesting in a frame. What is deeper could not be written out again without running out of stack. */
const DEEPEST = 100;

/** Why a parsed value cannot go into a record: JSON has no infinity, which `1e999` is read as. */
function unfit(value: unknown, levelsLeft: number): string | null {
  if (typeof value === "number") return Number.isFinite(value) ? null : "a number is not finite";
  if (typeof value !== "object" || value === null) return null;
  if (levelsLeft === 0) return `nested deeper than ${DEEPEST} levels`;
  const parts: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  // The numbers here and not by a call each: a frame is mostly a list of times.
  if (parts.every((part) => typeof part === "number" && Number.isFinite(part))) return null;
  for (const part of parts) {
    const trouble = unfit(part, levelsLeft - 1);
    if (trouble !== null) return trouble;
  }
  return null;
}

/** True where bytes that are no complete frame belong to us all the same. */
export function holdsToken(bytes: Uint8Array, token: string): boolean {
  return decoder.decode(bytes).includes(token);
}

const countField = z.number().int().min(0);
const time = z.number().min(0);
const nanoseconds = z.union([z.number().int().min(0), z.string().regex(/^\d{1,20}$/)]).transform(BigInt);
const mapping = z.custom<JsonObject>(isJsonObject, "must be a mapping");
/** As `z.array(time)`, ten times as fast: a request holds a time for each of its tokens. */
const times = z.custom<readonly unknown[]>(Array.isArray, "must be a list").superRefine((list, context) => {
  const wrong = list.findIndex((value) => typeof value !== "number" || !(value >= 0));
  if (wrong === -1) return;
  context.addIssue({ code: "custom", path: [wrong], message: "must be a number, 0 or more" });
});

const frameSchemas: Readonly<Record<Frame["type"], z.ZodType>> = {
  hello: z.looseObject({
    type: z.literal("hello"),
    backend: z.string().default(""),
    versions: z.record(z.string(), z.coerce.string()).default({}),
    pid: countField.default(0),
    devices: z.array(z.string()).default([]),
  }),
  phase: z.looseObject({
    type: z.literal("phase"),
    name: z.string().min(1),
    edge: z.enum(["begin", "end"]),
    t_ns: nanoseconds,
  }),
  progress: z.looseObject({
    type: z.literal("progress"),
    done: time,
    total: time,
    unit: z.string().default(""),
    note: z.string().optional(),
  }),
  request: z.looseObject({
    type: z.literal("request"),
    index: countField,
    input_tokens: countField,
    output_tokens: countField,
    t_start_ns: nanoseconds.nullable().default(null),
    ttft_ms: time.nullable().default(null),
    e2e_ms: time.nullable().default(null),
    itl_ms: times.default([]),
  }),
  note: z.looseObject({
    type: z.literal("note"),
    level: z.enum(["info", "warning"]).default("info"),
    text: z.string(),
    code: z.string().optional(),
  }),
  result: z.looseObject({
    type: z.literal("result"),
    input_tokens: countField.nullish(),
    output_tokens: countField.nullish(),
    requests: countField.nullish(),
    model: mapping.nullish(),
    memory: mapping.nullish(),
    metrics: mapping.nullish(),
  }),
  error: z.looseObject({
    type: z.literal("error"),
    error_type: z.string().min(1),
    message: z.string(),
    traceback: z.string().nullish(),
    retryable: z.boolean().nullish(),
  }),
};
