import { sha256Hex } from "../../../../lib/base/canonical_json.ts";
import { isJsonObject, type Json } from "../../../../lib/base/json.ts";
import { askJson, type AskLimits, type Call } from "./call.ts";

/** What a server says of itself: the answers by path, bounded. A path that it does not have is absent. */
export type ServerFacts = Readonly<Record<string, Json>>;

/** Read of every server, whatever its kind: those without a path answer 404. None of them costs anything. */
export const FACT_PATHS = [
  "/v1/models",
  "/version",
  "/props",
  "/server_info",
  "/get_server_info",
  "/model_info",
  "/info",
  "/api/version",
  "/api/ps",
] as const;

/** So many paths without any answer: the server is gone or stands, and says no more. */
const MOST_SILENT = 2;
const LIMITS: AskLimits = { limitMs: 5000, maxChars: 2 ** 20 };
/** Of each path. */
const MAX_VALUES = 2000;
const MAX_DEPTH = 8;
const MAX_TEXT = 400;

/** Members whose texts are nobody's business: a server tells its own key when it tells its arguments. */
const SECRET = /api_?key|secret|passw|credential|authorization|(hf|access|auth|bearer)_?token/i;

/** Asks for everything that a server tells of itself. Never throws. */
export async function readServerFacts(call: Call, limits: AskLimits = LIMITS): Promise<ServerFacts> {
  const facts: Record<string, Json> = {};
  let silent = 0;
  for (const path of FACT_PATHS) {
    if (silent === MOST_SILENT) break;
    const answer = await askJson(call, path, "GET", null, limits);
    if (answer.kind === "json") facts[path] = boundedFact(answer.value);
    else if (answer.status === null) silent++;
  }
  return facts;
}

/**
 * A value small enough for a record: long texts (chat templates) by their beginning and hash, so that a difference
 * still shows; values beyond the bound left out.
 */
export function boundedFact(value: unknown): Json {
  let left = MAX_VALUES;
  const bounded = (part: unknown, depth: number): Json => {
    left--;
    if (typeof part === "string") return boundedText(part);
    if (typeof part === "number") return Number.isFinite(part) ? part : null;
    if (typeof part === "boolean" || part === null || part === undefined) return part ?? null;
    if (depth >= MAX_DEPTH) return "...";
    if (Array.isArray(part)) return part.slice(0, Math.max(0, left)).map((item) => bounded(item, depth + 1));
    if (!isJsonObject(part)) return null;
    const kept: [string, Json][] = [];
    for (const [name, item] of Object.entries(part)) {
      if (left <= 0) break;
      const isSecret = SECRET.test(name) && typeof item === "string" && item !== "";
      kept.push([name.slice(0, 100), isSecret ? "***" : bounded(item, depth + 1)]);
    }
    return Object.fromEntries(kept);
  };
  return bounded(value, 0);
}

function boundedText(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  const hash = sha256Hex(new TextEncoder().encode(text)).slice(0, 16);
  return `${text.slice(0, MAX_TEXT / 2)}... (${text.length} characters, sha256 ${hash})`;
}
