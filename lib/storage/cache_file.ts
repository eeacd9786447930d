import { dirname } from "node:path";
import { isJsonObject, type JsonObject } from "../base/json.ts";
import { realDisk } from "./disk.ts";

/** A JSON file of the user's cache; null where it is missing, damaged or of another schema. */
export function readCacheFile(path: string, schema: string): JsonObject | null {
  try {
    const file: unknown = JSON.parse(Deno.readTextFileSync(path));
    return isJsonObject(file) && file.schema === schema ? file : null;
  } catch {
    return null;
  }
}

/** Puts such a file in place, for this user's eyes only. Throws what the system threw. */
export function writeCacheFile(
  path: string,
  schema: string,
  content: Readonly<Record<string, unknown>>,
): void {
  const text = `${JSON.stringify({ schema, ...content }, null, 1)}\n`;
  Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  realDisk.replace(path, new TextEncoder().encode(text));
  Deno.chmodSync(path, 0o600);
}
