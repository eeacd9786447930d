/** TensorRT-LLM's statistics: one JSON object for each step of its engine. */
import { member } from "../../../../lib/base/json.ts";
import type { CounterKey } from "./counter_names.ts";
import { type CounterSummary, gaugeOf } from "./counter_summary.ts";

/** One step of the engine; null where it does not tell. */
export interface Iteration {
  readonly running: number | null;
  readonly waiting: number | null;
  /** Used over all blocks of the KV cache, 0 ... 1. */
  readonly kv_usage: number | null;
  readonly cache_hit_rate: number | null;
  /** Input tokens that the step computed. */
  readonly prompt_tokens: number | null;
}

/** More steps than an engine makes in a second. */
const MAX_ITERATIONS = 100_000;

/** The steps of one answer; one that makes no sense has none. */
export function parseIterations(text: string): Iteration[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.slice(0, MAX_ITERATIONS).map(iterationOf) : [];
  } catch {
    return [];
  }
}

function iterationOf(value: unknown): Iteration {
  const [cache, batch] = [member(value, "kvCacheStats"), member(value, "inflightBatchingStats")];
  const [used, most] = [finite(member(cache, "usedNumBlocks")), finite(member(cache, "maxNumBlocks"))];
  return {
    running: finite(member(value, "numActiveRequests")),
    waiting: finite(member(value, "numQueuedRequests")),
    kv_usage: used === null || most === null || most === 0 ? null : used / most,
    cache_hit_rate: finite(member(cache, "cacheHitRate")),
    prompt_tokens: finite(member(batch, "numCtxTokens")),
  };
}

/** The steps of a window under the common names. */
export function summariseIterations(
  iterations: readonly Iteration[],
): Partial<Record<CounterKey, CounterSummary>> {
  const counters: Partial<Record<CounterKey, CounterSummary>> = {
    decode_steps: { kind: "counter", delta: iterations.length },
  };
  for (const key of ["running", "waiting", "kv_usage", "cache_hit_rate"] as const) {
    const gauge = gaugeOf(iterations.flatMap((iteration) => iteration[key] ?? []));
    if (gauge !== null) counters[key] = gauge;
  }
  const tokens = iterations.flatMap(({ prompt_tokens }) => prompt_tokens ?? []);
  if (tokens.length > 0) {
    counters.prompt_tokens = { kind: "counter", delta: tokens.reduce((sum, value) => sum + value, 0) };
  }
  return counters;
}

function finite(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
