/** Whether requests keep their promise (`slo`), and what that makes: goodput, and energy for each good request. */
import { largest } from "../base/numbers.ts";
import { NO_ITL } from "../protocol/messages.ts";
import type { RequestTimes } from "../protocol/request_times.ts";
import { mostMisses } from "../statistics/certified.ts";
import { type Slo, SLO_LIMITS } from "../study/slo_schema.ts";

/** A key of `slo` that limits a time of each request, in milliseconds. */
export type SloLimit = typeof SLO_LIMITS[number];
/** Limits on a request, ms; null and absent is no limit. */
export type SloLimits = { readonly [Name in SloLimit]?: number | null };

/** What a request is judged by: times as `deriveTimes` gives them. */
export type JudgedRequest =
  & Pick<RequestTimes, "ttft_ms" | "tpot_ms" | "itl_ms" | "itl_reason" | "e2e_ms">
  & { readonly error: string | null; readonly n_choices: number };

/** How one request did. */
export type RequestVerdict =
  | { readonly kind: "good" }
  | { readonly kind: "failed" }
  | { readonly kind: "missed"; readonly limits: readonly SloLimit[] }
  /** It keeps the limits that can be judged, and these cannot. */
  | { readonly kind: "unjudged"; readonly limits: readonly SloLimit[] };

/** A request that is one token long has nothing between tokens, and so keeps tpot_ms and itl_ms. */
export function judgeRequest(request: JudgedRequest, slo: SloLimits): RequestVerdict {
  if (request.error !== null) return { kind: "failed" };
  let [missed, unjudged] = [NONE, NONE];
  for (const name of SLO_LIMITS) {
    const kept = keeps(request, name, slo[name] ?? null);
    if (kept === false) missed = [...missed, name];
    if (kept === null) unjudged = [...unjudged, name];
  }
  if (missed.length > 0) return { kind: "missed", limits: missed };
  return unjudged.length > 0 ? { kind: "unjudged", limits: unjudged } : { kind: "good" };
}

const NONE: readonly SloLimit[] = [];

/** Null where it cannot be told. `itl_ms` limits the longest time between two tokens: their mean is what tpot_ms limits. */
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

/** The verdict on the requests of a window: `slo` of result.json. */
export interface SloVerdict {
  /** What they were judged by. */
  readonly limits: Slo;
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
  /** Good requests a second; null where there is no window. */
  readonly goodput_per_s: number | null;
  /** Energy of the window for each good request, J; null where either is missing. */
  readonly energy_per_good_request_j: number | null;
}

/** Whether two promise the same; null promises nothing. */
export function isSameSlo(one: Slo | null, other: Slo | null): boolean {
  if (one === null || other === null) return one === other;
  return one.share === other.share &&
    SLO_LIMITS.every((name) => (one[name] ?? null) === (other[name] ?? null));
}

/** Counts verdicts as requests come: what it holds does not grow with them. */
export class SloTally {
  readonly limits: Slo;
  readonly #kinds = { good: 0, failed: 0, missed: 0, unjudged: 0 };
  readonly #missed = { ttft_ms: 0, tpot_ms: 0, itl_ms: 0, e2e_ms: 0 };

  constructor(limits: Slo) {
    this.limits = limits;
  }

  add(request: JudgedRequest): void {
    const verdict = judgeRequest(request, this.limits);
    this.#kinds[verdict.kind] += 1;
    if (verdict.kind === "missed") { for (const name of verdict.limits) this.#missed[name] += 1; }
  }

  /** Of the requests so far, in a window of `windowS` seconds that took `energyJ` joules; null where either is not known. */
  verdict(
    { windowS, energyJ }: { readonly windowS: number | null; readonly energyJ: number | null },
  ): SloVerdict {
    const { good, failed, missed, unjudged } = this.#kinds;
    const { limits } = this;
    const n = good + failed + missed + unjudged;
    const met = n === 0 ? null : atLeast(good, good + unjudged, (kept) => kept / n >= limits.share);
    return {
      limits,
      requests: n,
      good,
      failed,
      unjudged,
      missed: { ...this.#missed },
      share: n === 0 ? null : good / n,
      met,
      certified: met === null
        ? null
        : met && atLeast(good, good + unjudged, (kept) => n - kept <= mostMisses(n, limits.share)),
      goodput_per_s: windowS !== null && windowS > 0 ? good / windowS : null,
      energy_per_good_request_j: energyJ === null || good === 0 ? null : energyJ / good,
    };
  }
}

/** What holds for both counts holds; null where they disagree. */
function atLeast(fewest: number, most: number, holds: (kept: number) => boolean): boolean | null {
  if (holds(fewest)) return true;
  return holds(most) ? null : false;
}
