import { isJsonObject, type Json } from "../base/json.ts";
import { clip, printable } from "../base/text.ts";
import type { ProofRequest } from "../engines/server_wish.ts";
import { exchange, type SmallAnswer } from "./exchange.ts";

/** A server says so while it loads or warms up. */
const NOT_YET: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const MOST_WORDS = 300;

/**
 * What an answer to the proof request shows:
 * - proved: the server computes
 * - not_yet: it may a moment later
 * - stumbled: an error of its own, which may pass
 * - refused: it will never take such a request
 */
export type Proof =
  | { readonly kind: "proved" | "not_yet" }
  | { readonly kind: "stumbled" | "refused"; readonly status: number; readonly words: string };

/** Sends one streamed request of two tokens, with a prompt that no request has had. */
export async function askForProof(
  port: number,
  proof: ProofRequest,
  key: string | null,
  limitMs: number,
  signal: AbortSignal,
): Promise<Proof> {
  const body = proof.body(`${crypto.randomUUID()} `);
  const headers = key === null ? proof.headers : { ...proof.headers, Authorization: `Bearer ${key}` };
  const request = { method: "POST", path: proof.path, headers, body } as const;
  return judgeProof(await exchange(port, request, limitMs, signal));
}

/** A stream of events counts, and so does a whole answer: some servers do not stream. */
export function judgeProof(answer: SmallAnswer | null): Proof {
  if (answer === null || NOT_YET.has(answer.status)) return { kind: "not_yet" };
  const { status, text } = answer;
  if (status === 200 && textsOf(text).some(hasChoice)) return { kind: "proved" };
  const words = clip(printable(text.trim()), MOST_WORDS);
  const mayPass = status === 200 || status >= 500;
  return { kind: mayPass ? "stumbled" : "refused", status, words };
}

function textsOf(text: string): string[] {
  const events = text.split("\n").filter((line) => line.startsWith("data:")).map((line) => line.slice(5));
  return [text, ...events];
}

function hasChoice(text: string): boolean {
  try {
    const value: Json = JSON.parse(text);
    return isJsonObject(value) && Array.isArray(value["choices"]) && value["choices"].length > 0;
  } catch {
    return false;
  }
}
