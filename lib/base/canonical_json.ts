import canonicalize from "canonicalize";
import { createHash } from "node:crypto";
import type { Json } from "./json.ts";

/** RFC 8785 text of a JSON value. */
export function canonicalJson(value: Json): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("Cannot canonicalise undefined");
  return text;
}

/** Lower-case hex SHA-256 of text (as UTF-8) or bytes. */
export function sha256Hex(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** The first 16 hex digits (64 bits) of SHA-256 over the canonical JSON of a value: the identity used in every record. */
export function hash16(value: Json): string {
  return sha256Hex(canonicalJson(value)).slice(0, 16);
}
