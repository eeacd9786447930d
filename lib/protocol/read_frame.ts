import { z } from "zod";
import { isJsonObject, type JsonObject } from "../base/json.ts";
import type { HiddenTexts } from "../experiment/hidden_texts.ts";
import { MAX_DEPTH, MAX_NAME_CHARS } from "./bounds.ts";
import { type Changes, fitFields, type Fitting } from "./fit_fields.ts";
import type { Frame, ResultFrame } from "./frame.ts";
import { NOT_A_NUMBER } from "./marks.ts";
import { parseJson } from "./parse_json.ts";
import {
  fieldInvalid,
  fieldNotFinite,
  frameInvalid,
  frameNestedTooDeep,
  frameNotAsExpected,
  frameNotJson,
  frameWithoutType,
  MUST_BE,
} from "./messages.ts";

/** What a frame held that is not kept as it came. */
export interface FrameRemarks {
  /** Cut, since they were longer than the protocol allows. */
  readonly cut: Changes;
  /** Null, since JSON has no such number. */
  readonly voided: Changes;
}

/**
 * What the JSON text of one frame turned out to be. `foreign` (no JSON object with our token) is log text;
 * `invalid` is a frame of ours that breaks the protocol; `unknown` has a type of a later version.
 */
export type FrameReading =
  | { readonly kind: "frame"; readonly frame: Frame; readonly remarks?: FrameRemarks }
  | { readonly kind: "foreign" }
  | { readonly kind: "unknown"; readonly type: string }
  | {
    readonly kind: "invalid";
    readonly reason: string;
    /** The frame came whole, and what is wrong is what the worker wrote: it would write the same again. */
    readonly repeats: boolean;
    /** Of a result, the fields that are right. */
    readonly rest?: ResultFrame;
  };

const decoder = new TextDecoder();

/**
 * Parses and checks the JSON text of one frame. What is `hidden` stands in nothing that comes back: this is the one way
 * from a worker into records, events and messages.
 */
export function readFrame(bytes: Uint8Array, token: string, hidden: HiddenTexts | null = null): FrameReading {
  const text = decoder.decode(bytes);
  // The token stands in it as it is, or as \u00.. sequences: what strangers write is not worth parsing.
  if (!text.includes(token) && !text.includes("\\u00")) return { kind: "foreign" };
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    // Only a text that holds the token can be a frame of ours that was damaged on its way.
    if (!text.includes(token)) return { kind: "foreign" };
    return { kind: "invalid", reason: notJson(error as Error, text, hidden), repeats: false };
  }
  if (typeof value !== "object" || value === null || (value as { token?: unknown }).token !== token) {
    return { kind: "foreign" };
  }
  const { token: _, ...fields } = value as Record<string, unknown>;
  const { type } = fields;
  if (typeof type !== "string" || type.startsWith(NOT_A_NUMBER)) return invalid(frameWithoutType());
  if (!isFrameType(type)) {
    return {
      kind: "unknown",
      type: (hidden?.hide(type) ?? type).slice(0, MAX_NAME_CHARS),
    };
  }
  // Most frames hold none, which their text says at the cost of reading it once.
  const isSearched = hidden !== null && hidden.mayStandIn(text);
  const fitting = fitFields(
    fields,
    type,
    isSearched ? { hidden, own: frameSchemas[type].shape } : null,
  );
  if (fitting.tooDeep) return invalid(frameNestedTooDeep(type, MAX_DEPTH));
  return checked(type, fields, fitting, text);
}

function isFrameType(type: string): type is Frame["type"] {
  return Object.hasOwn(frameSchemas, type);
}

/** The message quotes the text around the mistake, and may cut a secret there. */
function notJson({ message }: Error, text: string, hidden: HiddenTexts | null): string {
  return frameNotJson(hidden?.mayStandIn(text) === true ? null : message);
}

function invalid(reason: string): FrameReading & { kind: "invalid" } {
  return { kind: "invalid", reason, repeats: true };
}

/** Fields of a result that hold what the worker likes: null may stand in them anywhere. */
const FREE_FIELDS: ReadonlySet<string> = new Set(["metrics", "model", "memory"]);

function checked(
  type: Frame["type"],
  fields: Record<string, unknown>,
  { cut, voided }: Fitting,
  text: string,
): FrameReading {
  const schema = frameSchemas[type];
  const result = schema.safeParse(fields);
  const wrong = voided.list.find(({ field }) =>
    Object.hasOwn(schema.shape, field) && !FREE_FIELDS.has(field)
  );
  if (wrong === undefined && result.success) {
    const frame = withExactTimes(result.data as Frame, fields, text);
    if (cut.count + voided.count === 0) return { kind: "frame", frame };
    return { kind: "frame", frame, remarks: { cut, voided } };
  }
  const reason = wrong !== undefined
    ? fieldNotFinite(wrong.path, wrong.said)
    : troubleOf(result.error, fields);
  const reading = invalid(frameInvalid(type, reason));
  if (type !== "result") return reading;
  const bad = new Set([wrong?.field, ...result.error?.issues.map(({ path: [first] }) => first) ?? []]);
  const right = Object.fromEntries(Object.entries(fields).filter(([field]) => !bad.has(field)));
  return { ...reading, rest: right as unknown as ResultFrame };
}

/** The first thing that is wrong: where, what was expected, what stands there. */
function troubleOf(error: z.ZodError | undefined, fields: Record<string, unknown>): string {
  const first = error?.issues[0];
  if (first === undefined) return frameNotAsExpected();
  const { path, message } = first;
  const value = path.reduce<unknown>(
    (at, key) =>
      typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined,
    fields,
  );
  return fieldInvalid(path.join("."), message, typeof value === "number" ? value : null);
}

/** A time above 2^53 was rounded when it was parsed; its digits stand in the text. */
function withExactTimes(frame: Frame, fields: Record<string, unknown>, text: string): Frame {
  const isRounded = (name: string): boolean => Number(fields[name]) > Number.MAX_SAFE_INTEGER;
  if (frame.type === "phase" && isRounded("t_ns")) {
    return { ...frame, t_ns: exactTime("t_ns", frame.t_ns, text) };
  }
  if (frame.type === "request" && frame.t_start_ns !== null && isRounded("t_start_ns")) {
    return { ...frame, t_start_ns: exactTime("t_start_ns", frame.t_start_ns, text) };
  }
  return frame;
}

function exactTime(name: string, rounded: bigint, text: string): bigint {
  const digits = new RegExp(`"${name}"\\s*:\\s*(\\d+)(?![\\d.eE])`).exec(text)?.[1];
  // The name may stand elsewhere, too, and a text of digits was not rounded.
  return digits !== undefined && BigInt(Number(digits)) === rounded ? BigInt(digits) : rounded;
}

/** True where bytes that are no complete frame belong to us all the same. */
export function holdsToken(bytes: Uint8Array, token: string): boolean {
  return decoder.decode(bytes).includes(token);
}

const countField = z.number().int().min(0);
const time = z.number().min(0);
/** A JSON number may be above 2^53: a machine is up for 104 days by then. */
const nanoseconds = z.custom<number | string>(
  (value) =>
    typeof value === "number"
      ? Number.isInteger(value) && value >= 0 && value < 2 ** 64
      : typeof value === "string" && /^\d{1,20}$/.test(value),
  MUST_BE.nanoseconds,
).transform(BigInt);
const mapping = z.custom<JsonObject>(isJsonObject, MUST_BE.mapping);
/** As `z.array(time)`, ten times as fast: a request holds a time for each of its tokens. */
const times = z.custom<readonly unknown[]>(Array.isArray, MUST_BE.list).superRefine((list, context) => {
  const wrong = list.findIndex((value) => typeof value !== "number" || !(value >= 0));
  if (wrong === -1) return;
  context.addIssue({ code: "custom", path: [wrong], message: MUST_BE.time });
});

const frameSchemas: Readonly<Record<Frame["type"], z.ZodObject>> = {
  hello: z.looseObject({
    type: z.literal("hello"),
    backend: z.string().default(""),
    versions: z.record(z.string(), z.coerce.string()).default({}),
    pid: countField.default(0),
    devices: z.array(z.string()).default([]),
  }),
  ready: z.looseObject({ type: z.literal("ready") }),
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
