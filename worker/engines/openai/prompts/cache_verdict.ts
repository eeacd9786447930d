import type { Warning } from "../warning.ts";
import { prefixCacheHit } from "./messages.ts";
import type { PrefixCacheMode } from "./prompt_source.ts";

/** What one request's answer says of the cache. */
export interface CachedRequest {
  readonly input_tokens: number | null;
  /** From `usage.prompt_tokens_details.cached_tokens` or `timings.cache_n`; null where neither came. */
  readonly cached_tokens: number | null;
  /** First tokens shared on purpose: those of the template, a prefix, former turns. */
  readonly shared_tokens: number;
}

/** Hits and lookups of the server's own counters over the window, in tokens. */
export interface HitCounters {
  readonly hits: number;
  readonly queries: number;
}

/** Whether prompts were computed or had from a cache. */
export interface CacheVerdict {
  /** `cold`: proven; `hits`: more was cached than is shared on purpose; `unknown`: nobody tells. */
  readonly verdict: "cold" | "hits" | "unknown";
  readonly proven_by: "cached_tokens" | "counters" | null;
  /** Cached tokens, all of them, over input tokens; null where unknown. */
  readonly cached_share: number | null;
  /** Requests with more cached tokens than are shared on purpose; null where only counters tell. */
  readonly requests_hit: number | null;
  readonly warning: Warning | null;
}

/** Two prompts may begin with the same few tokens by chance, and a cache works in blocks. */
const BY_CHANCE = 4;
/** More than this share of the input, beyond what is shared, is no chance. */
const TOLERATED_SHARE = 0.01;

/**
 * Judges by the requests' own counts where they have them, else by counters. `mode` allow: hits are told and are no
 * warning.
 */
export function cacheVerdict(
  mode: PrefixCacheMode,
  requests: readonly CachedRequest[],
  counters: HitCounters | null,
): CacheVerdict {
  const told = requests.filter(({ cached_tokens, input_tokens }) =>
    cached_tokens !== null && input_tokens !== null
  );
  if (told.length > 0) return byRequests(mode, told);
  if (counters === null || counters.queries <= 0) {
    return { verdict: "unknown", proven_by: null, cached_share: null, requests_hit: null, warning: null };
  }
  const shared = sum(requests.map(({ shared_tokens }) => shared_tokens));
  const share = counters.hits / counters.queries;
  const excess = Math.max(0, counters.hits - shared) / counters.queries;
  return verdictOf(mode, excess > TOLERATED_SHARE, share, "counters", null);
}

function byRequests(mode: PrefixCacheMode, told: readonly CachedRequest[]): CacheVerdict {
  const input = sum(told.map(({ input_tokens }) => input_tokens ?? 0));
  const cached = sum(told.map(({ cached_tokens }) => cached_tokens ?? 0));
  const excesses = told.map(({ cached_tokens, shared_tokens }) =>
    Math.max(0, (cached_tokens ?? 0) - shared_tokens - BY_CHANCE)
  );
  const hit = excesses.filter((excess) => excess > 0).length;
  const isHit = input > 0 && sum(excesses) / input > TOLERATED_SHARE;
  return verdictOf(mode, isHit, input > 0 ? cached / input : null, "cached_tokens", hit);
}

function verdictOf(
  mode: PrefixCacheMode,
  isHit: boolean,
  share: number | null,
  provenBy: "cached_tokens" | "counters",
  requestsHit: number | null,
): CacheVerdict {
  const warning = isHit && mode !== "allow"
    ? { code: "prefix_cache_hits", text: prefixCacheHit(share ?? 0, mode) }
    : null;
  return {
    verdict: isHit ? "hits" : "cold",
    proven_by: provenBy,
    cached_share: share,
    requests_hit: requestsHit,
    warning,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
