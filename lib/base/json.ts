/**
 * lib/base owns what every other folder stands on: JSON values and their canonical text, issues, durations, the
 * clock. It imports nothing of ours and knows no experiment.
 */

/** A JSON value: what a study file, a frame and a record are made of. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object with any members. */
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** True for a plain JSON object, false for null, arrays and scalars. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A member of a JSON object; undefined where the value is none or has none. */
export function member(value: unknown, name: string): unknown {
  return isJsonObject(value) ? value[name] : undefined;
}

/** A whole number of at least 0, else null. */
export function wholeNumber(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** The object that a text holds; null where it is no JSON, or something else, as in a file that was cut off. */
export function jsonObjectIn(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
