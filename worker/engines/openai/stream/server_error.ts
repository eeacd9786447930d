/** What a server says when it fails: the body of an answer that is no 200, or an object inside of one. */
import { isJsonObject, type JsonObject } from "../../../../lib/base/json.ts";
import { clip, printable } from "../../../../lib/base/text.ts";
import { answeredWith, serverErrorText, withoutText } from "./messages.ts";

/** Longest message that is kept of a failed request. */
export const MAX_MESSAGE_CHARS = 500;

export interface ServerError {
  /** As the server words it, still of any length. */
  readonly message: string;
  /** `BadRequestError`, `exceed_context_size_error` ... */
  readonly type: string | null;
  readonly code: string | null;
}

/** Hides what nobody may read, such as the key: some servers send it back. */
export type Hide = (text: string) => string;

/**
 * The error in a JSON object; null where it holds none. As OpenAI writes it (`{"error": {...}}`), a text (`{"error":
 * "..."}`: TGI, Ollama), vLLM's older form (`{"object": "error", ...}`), FastAPI's (`{"detail": ...}`).
 */
export function saidBy(object: JsonObject): ServerError | null {
  const { error } = object;
  if (isJsonObject(error)) return errorOf(error);
  if (typeof error === "string" && error !== "") {
    return { message: error, type: wordOf(object["error_type"]), code: null };
  }
  if (object["object"] === "error") return errorOf(object);
  if ("choices" in object || object["detail"] === undefined) return null;
  return { message: detailOf(object["detail"]), type: null, code: null };
}

/** The message of a failed request: the server's own words, on one line, with nothing secret, at most MAX_MESSAGE_CHARS. */
export function errorMessage(error: ServerError, hide: Hide): string {
  const kind = [error.type, error.code].filter((part) => part !== null).join(" ");
  return bounded(serverErrorText(error.message, kind), hide);
}

/** The message of an answer that was not 200, from its body. */
export function bodyMessage(status: number, body: string, hide: Hide): string {
  let parsed: unknown = null;
  try {
    parsed = JSON.parse(body);
  } catch {
    // A proxy answers in HTML or plain text.
  }
  if (isJsonObject(parsed)) {
    const said = saidBy(parsed) ?? errorOf(parsed);
    if (said.message !== "") return errorMessage(said, hide);
  }
  const text = body.replace(/<(script|style|head)\b[\s\S]*?<\/\1>|<[^>]*>/gi, " ").replace(/\s+/g, " ")
    .trim();
  return text === "" ? withoutText(status) : bounded(answeredWith(text), hide);
}

/** Hidden first, cut afterwards: half a key is still a secret. */
export function bounded(text: string, hide: Hide): string {
  return clip(printable(hide(text).trim()), MAX_MESSAGE_CHARS);
}

function errorOf(object: JsonObject): ServerError {
  const { message, type, code } = object;
  return { message: typeof message === "string" ? message : "", type: wordOf(type), code: wordOf(code) };
}

function wordOf(value: unknown): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : null;
}

/** A text, or FastAPI's list of `{loc, msg}`. */
function detailOf(detail: unknown): string {
  if (typeof detail === "string") return detail;
  if (!Array.isArray(detail)) return jsonText(detail);
  return detail.map((entry) => {
    if (!isJsonObject(entry)) return jsonText(entry);
    const { loc, msg } = entry;
    const place = Array.isArray(loc) ? `${loc.map(jsonText).join(".")}: ` : "";
    return `${place}${jsonText(msg ?? "")}`;
  }).join("; ");
}

/** A text as it is, anything else as JSON; of a value too deep for that, nothing. */
function jsonText(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return "";
    throw error;
  }
}
