import type { JsonObject } from "../../../../lib/base/json.ts";
import { type AskLimits, askText, type Call } from "../server/call.ts";
import type { Warning } from "../warning.ts";
import { promptKind } from "./kinds.ts";
import { cacheNotReset, noCacheReset } from "./messages.ts";
import type { PrefixCacheMode } from "./prompt_source.ts";

/** What is done about the server's prefix cache. */
export type CachePreparation =
  /** The server has forgotten everything. */
  | { readonly kind: "reset"; readonly path: string }
  /** Every request says that it wants nothing cached. */
  | { readonly kind: "body"; readonly fields: JsonObject }
  /** Prompts begin differently in every run. `warning` where this stands in for a reset. */
  | { readonly kind: "unique"; readonly warning: Warning | null }
  | { readonly kind: "allow" };

/** Servers refuse while requests are running (SGLang: 400). */
const TRIES = 5;
const BETWEEN_MS = 200;

/**
 * Does what `openai.prefix_cache` asks for, right before the window opens. A reset that the server does not do gives
 * `unique` with a warning: the caller then calls the prompts' `useSalt`.
 */
export async function preparePrefixCache(
  call: Call,
  serverKind: string,
  mode: PrefixCacheMode,
  limits?: AskLimits,
): Promise<CachePreparation> {
  if (mode === "allow") return { kind: "allow" };
  if (mode === "unique") return { kind: "unique", warning: null };
  const { reset } = promptKind(serverKind);
  if (reset.kind === "body") return { kind: "body", fields: reset.fields };
  if (reset.kind === "none") return fallBack(noCacheReset(serverKind));
  let reason = "";
  for (let tries = 0; tries < TRIES; tries++) {
    if (tries > 0) await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
    const answer = await askText(call, reset.path, "POST", null, limits);
    if (answer.kind === "text") return { kind: "reset", path: reset.path };
    reason = answer.reason;
    // Only a server that answers, and that is busy, may do it later.
    if (answer.status === null || answer.status === 404 || answer.status === 405) break;
  }
  return fallBack(cacheNotReset(reset.path, reason, reset.hint));
}

function fallBack(text: string): CachePreparation {
  return { kind: "unique", warning: { code: "prefix_cache_not_reset", text } };
}
