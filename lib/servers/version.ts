import { jsonObjectIn } from "../base/json.ts";
import { clip, printable } from "../base/text.ts";
import { exchange } from "./exchange.ts";

const LIMIT_MS = 2000;
/** Fields by which servers tell their version or build. */
const FIELDS = ["version", "build_info", "sglang_version", "release", "docker_label"] as const;
const LONGEST = 100;

/** The version as the first of these paths tells it; null where none does. */
export async function askVersion(
  port: number,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<string | null> {
  for (const path of paths) {
    const answer = await exchange(port, { method: "GET", path }, LIMIT_MS, signal);
    const version = answer?.status === 200 ? versionIn(answer.text) : null;
    if (version !== null) return version;
  }
  return null;
}

/** The version in the text of an answer; null where there is none. */
export function versionIn(text: string): string | null {
  const value = jsonObjectIn(text);
  if (value === null) return null;
  const found = FIELDS.map((field) => value[field]).find((of) => typeof of === "string" && of !== "");
  return typeof found === "string" ? clip(printable(found), LONGEST) : null;
}
