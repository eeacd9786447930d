import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import type { Shape, Slot } from "./shape.ts";

/**
 * The text that Python's `json.dumps(value, sort_keys=True)` writes for a value of a declaration: keys sorted, a space
 * after separators, escapes for all but ASCII, and numbers that are not declared whole written as Python floats.
 */
export function pythonJson(shape: Shape, value: Json): string {
  if (isJsonObject(value)) return objectText(shape, value);
  if (Array.isArray(value)) {
    const items = shape.kind === "list" ? shape.items.shape : FREE;
    return `[${value.map((item) => pythonJson(items, item)).join(", ")}]`;
  }
  if (typeof value === "number" && shape.kind === "number" && !shape.whole) return floatText(value);
  return typeof value === "number" && !Number.isInteger(value)
    ? floatText(value)
    : asciiText(JSON.stringify(value));
}

const FREE: Shape = { kind: "free" };

function objectText(shape: Shape, value: JsonObject): string {
  const form = shape.kind === "either" ? formOf(shape.options, value) : shape;
  const members = Object.entries(value).filter((member): member is [string, Json] => member[1] !== undefined)
    .sort(byKey);
  const parts = members.map(([key, part]) =>
    `${asciiText(JSON.stringify(key))}: ${pythonJson(shapeUnder(form, key), part)}`
  );
  return `{${parts.join(", ")}}`;
}

function byKey([one]: readonly [string, Json], [other]: readonly [string, Json]): number {
  return one < other ? -1 : 1;
}

function formOf(options: readonly Slot[], value: JsonObject): Shape {
  const fits = ({ shape }: Slot): boolean =>
    shape.kind === "map" && Object.keys(value).every((key) => shape.keys.has(key));
  return options.find(fits)?.shape ?? FREE;
}

function shapeUnder(shape: Shape, key: string): Shape {
  if (shape.kind === "map") return shape.keys.get(key)?.shape ?? FREE;
  return shape.kind === "dictionary" ? shape.values.shape : FREE;
}

/** Python writes the same digits as JavaScript, but `30.0` for 30, and exponents from 1e16 and below 1e-4. */
function floatText(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [digits = "", exponent = ""] = value.toExponential().split("e");
    return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
  }
  if (Object.is(value, -0)) return "-0.0";
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

function asciiText(json: string): string {
  return json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
