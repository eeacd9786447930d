import { median } from "../../../../lib/base/quantile.ts";
import { type Slope, slopeOf, type Trend, trendOf } from "../../../../lib/base/slope.ts";
import type { TimeLine } from "./time_line.ts";

/** Shorter windows leave the tokens at their edges a part of the result. */
const LEAST_SECONDS = 30;
const LEAST_MEDIANS = 10;

/** A stretch of time on CLOCK_MONOTONIC: from t0 on, before t1. */
export interface Window {
  readonly t0_ns: bigint;
  readonly t1_ns: bigint;
}

/**
 * When a window that opened at `t0Ns` ends: after `minSeconds`, and after ten median request times as far as `mostSeconds`
 * lets it grow.
 */
export function windowEndNs(
  t0Ns: bigint,
  { minSeconds, mostSeconds, requestSeconds }: {
    readonly minSeconds: number;
    readonly mostSeconds: number;
    /** Of the requests that have ended well. */
    readonly requestSeconds: readonly number[];
  },
): bigint {
  const medians = requestSeconds.length === 0 ? 0 : LEAST_MEDIANS * median(requestSeconds);
  const seconds = Math.max(minSeconds, Math.min(medians, mostSeconds));
  return t0Ns + BigInt(Math.ceil(seconds * 1e9));
}

/** Whether the load was the same all through a window. */
export interface WindowVerdict {
  /**
   * `overloaded`: requests in flight or TTFT rose over the window, so that a longer one would give other numbers; `drifting`:
   * they fell, so that the window opened too early; `unknown`: too few requests to see a slope.
   */
  readonly kind: "steady" | "overloaded" | "drifting" | "unknown";
  /** Null where there are too few points. */
  readonly in_flight: Slope | null;
  readonly ttft_sched_ms: Slope | null;
  /** Shorter than 30 s or ten median request times. */
  readonly is_short: boolean;
}

/** Looks for a slope over a whole window, after it has ended. */
export function judgeWindow(line: TimeLine, { t0_ns, t1_ns }: Window): WindowVerdict {
  const in_flight = slopeOf(line.in_flight, t0_ns, t1_ns);
  const ttft_sched_ms = slopeOf(line.ttft_sched_ms, t0_ns, t1_ns);
  const trends = [
    ...(in_flight === null ? [] : [trendOf(in_flight, 1)]),
    ...(ttft_sched_ms === null ? [] : [trendOf(ttft_sched_ms, 1)]),
  ];
  const seconds = Number(t1_ns - t0_ns) / 1e9;
  const medians = line.request_s.length === 0 ? 0 : seconds / median(line.request_s);
  return {
    kind: kindOf(trends),
    in_flight,
    ttft_sched_ms,
    is_short: seconds < LEAST_SECONDS || medians < LEAST_MEDIANS,
  };
}

function kindOf(trends: readonly Trend[]): WindowVerdict["kind"] {
  if (trends.length === 0) return "unknown";
  if (trends.includes("rising")) return "overloaded";
  return trends.includes("falling") ? "drifting" : "steady";
}
