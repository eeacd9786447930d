/** Whether requests keep their promise (`slo`), and what that makes: goodput, and energy for each good request. */
import { largest } from "../../../lib/base/numbers.ts";
import { mostMisses } from "./certified.ts";
import type { RequestTimes } from "./stream/derive.ts";
import { NO_ITL } from "./stream/messages.ts";

/** Limits on a request, ms; null and absent is no limit. */
export interface SloLimits {
  readonly ttft_ms?: number | null;
  readonly tpot_ms?: number | null;
  /** On the longest time between two tokens of a request: their mean is what tpot_ms limits. */
  readonly itl_ms?: number | null;
  readonly e2e_ms?: number | null;
}

export type SloLimit = keyof SloLimits;

/** The limits, and the share of all requests that has to keep every one of them (0 to 1). */
export interface Slo extends SloLimits {
  readonly share: number;
}

/** What a request is judged by: times as `deriveTimes` gives them. */
export type JudgedRequest =
  & Pick<RequestTimes, "ttft_ms" | "tpot_ms" | "itl_ms" | "itl_reason" | "e2e_ms">
  & { readonly error: string | null; readonly n_choices: number };

export type RequestVerdict =
  | { readonly kind: "good" }
  | { readonly kind: "failed" }
  | { readonly kind: "missed"; readonly limits: readonly SloLimit[] }
  /** It keeps the limits that can be judged, and these cannot. */
  | { readonly kind: "unjudged"; readonly limits: readonly SloLimit[] };

/** A request that is one token long has nothing between tokens, and so keeps tpot_ms and itl_ms. */
export function judgeRequest(request: JudgedRequest, slo: SloLimits): RequestVerdict {
  if (request.error !== null) return { kind: "failed" };
  const judged = LIMITS.map((name) => ({ name, keeps: keeps(request, name, slo[name] ?? null) }));
  const missed = judged.filter((limit) => limit.keeps === false).map(({ name }) => name);
  if (missed.length > 0) return { kind: "missed", limits: missed };
  const unjudged = judged.filter((limit) => limit.keeps === null).map(({ name }) => name);
  return unjudged.length > 0 ? { kind: "unjudged", limits: unjudged } : { kind: "good" };
}

const LIMITS: readonly SloLimit[] = ["ttft_ms", "tpot_ms", "itl_ms", "e2e_ms"];

/** Null where it cannot be told. */
function keeps(request: JudgedRequest, name: SloLimit, limit: number | null): boolean | null {
  if (limit === null) return true;
  if (name === "itl_ms") {
    if (request.itl_ms !== null) return largest(request.itl_ms) <= limit;
    return request.itl_reason === NO_ITL.one_token ? true : null;
  }
  const value = request[name];
  if (value !== null) return value <= limit;
  // Without a token after the first there is no TPOT to miss; several choices have one that nobody knows.
  return name === "tpot_ms" && request.n_choices < 2 ? true : null;
}

/** The verdict on all requests of a window. */
export interface SloVerdict {
  readonly requests: number;
  readonly good: number;
  readonly failed: number;
  readonly unjudged: number;
  /** Requests over each limit; a request may be over several. */
  readonly missed: Readonly<Record<SloLimit, number>>;
  /** Good ones of all, failed ones included; null of no requests. Unjudged ones are not good. */
  readonly share: number | null;
  /** Null where it hangs on requests that cannot be judged, or where there are none. */
  readonly met: boolean | null;
  /** Met, and proven at 99 % confidence (LoadGen's rule for servers); null where `met` is. */
  readonly certified: boolean | null;
  /** Good requests a second; null where the window has no length. */
  readonly goodput_per_s: number | null;
  /** Energy of the window for each good request, J; null where either is missing. */
  readonly energy_per_good_request_j: number | null;
}

/** Judges the requests scheduled in a window of `windowS` seconds that took `energyJ` joules (null where unknown). */
export function judgeSlo(
  requests: readonly JudgedRequest[],
  slo: Slo,
  window: { readonly windowS: number; readonly energyJ: number | null },
): SloVerdict {
  const verdicts = requests.map((request) => judgeRequest(request, slo));
  const count = (kind: RequestVerdict["kind"]): number =>
    verdicts.filter((verdict) => verdict.kind === kind).length;
  const [n, good, unjudged] = [requests.length, count("good"), count("unjudged")];
  const met = n === 0 ? null : atLeast(good, good + unjudged, (kept) => kept / n >= slo.share);
  return {
    requests: n,
    good,
    failed: count("failed"),
    unjudged,
    missed: {
      ttft_ms: missesOf(verdicts, "ttft_ms"),
      tpot_ms: missesOf(verdicts, "tpot_ms"),
      itl_ms: missesOf(verdicts, "itl_ms"),
      e2e_ms: missesOf(verdicts, "e2e_ms"),
    },
    share: n === 0 ? null : good / n,
    met,
    certified: met === null
      ? null
      : met && atLeast(good, good + unjudged, (kept) => n - kept <= mostMisses(n, slo.share)),
    goodput_per_s: window.windowS > 0 ? good / window.windowS : null,
    energy_per_good_request_j: window.energyJ === null || good === 0 ? null : window.energyJ / good,
  };
}

/** What holds for both counts holds; null where they disagree. */
function atLeast(fewest: number, most: number, holds: (kept: number) => boolean): boolean | null {
  if (holds(fewest)) return true;
  return holds(most) ? null : false;
}

function missesOf(verdicts: readonly RequestVerdict[], limit: SloLimit): number {
  return verdicts.filter((verdict) => verdict.kind === "missed" && verdict.limits.includes(limit)).length;
}
