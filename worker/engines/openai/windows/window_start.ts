import { median } from "../../../../lib/base/quantile.ts";
import { type Slope, slopeOf, trendOf } from "../../../../lib/base/slope.ts";
import type { Settled } from "../../../../lib/protocol/settled.ts";
import type { TimeLine } from "./time_line.ts";

/** How a load is held up: by so many requests in flight, or by a clock. */
export type LoadHold = { readonly kind: "closed"; readonly concurrency: number } | { readonly kind: "open" };

/** What a window still waits for. */
export type WaitsFor =
  | "first_requests"
  | "all_slots_busy"
  | "one_median_request"
  | "two_median_requests"
  | "in_flight"
  | "ttft"
  | "power"
  | "temperature";

/** Whether a window opens at a time, or what it waits for. */
export type WindowStart =
  | { readonly kind: "open"; readonly t0_ns: bigint }
  | { readonly kind: "wait"; readonly for: WaitsFor };

/** Requests that must have ended before their median says anything. */
const FEWEST_ENDED = 3;
/** A change of less than one request in flight, or less than a millisecond, is none. */
const LEAST = { in_flight: 1, ttft_sched_ms: 1 } as const;

/**
 * Whether a steady window can open now, of a load that began at `startNs` and goes on: the warm-up hands over without
 * draining. A closed load: all slots are busy, and one median request time has passed since they first were. An open one:
 * two have passed since the start, and the second half of the time since then shows no slope of requests in flight and
 * TTFT. Both: power and temperature settled where they are measured.
 */
export function windowStart(
  { line, hold, settled, startNs, nowNs }: {
    readonly line: TimeLine;
    readonly hold: LoadHold;
    readonly settled: Settled;
    readonly startNs: bigint;
    readonly nowNs: bigint;
  },
): WindowStart {
  const waits = hold.kind === "closed"
    ? waitOfClosed(line, hold.concurrency, nowNs)
    : waitOfOpen(line, startNs, nowNs);
  if (waits !== null) return { kind: "wait", for: waits };
  if (settled.power === false) return { kind: "wait", for: "power" };
  if (settled.temperature === false) return { kind: "wait", for: "temperature" };
  return { kind: "open", t0_ns: nowNs };
}

function waitOfClosed(line: TimeLine, concurrency: number, nowNs: bigint): WaitsFor | null {
  const busy = line.in_flight.find(({ value }) => value >= concurrency);
  if (busy === undefined) return "all_slots_busy";
  if (line.request_s.length < FEWEST_ENDED) return "first_requests";
  return secondsBetween(busy.t_ns, nowNs) < median(line.request_s) ? "one_median_request" : null;
}

function waitOfOpen(line: TimeLine, startNs: bigint, nowNs: bigint): WaitsFor | null {
  if (line.request_s.length < FEWEST_ENDED) return "first_requests";
  if (secondsBetween(startNs, nowNs) < 2 * median(line.request_s)) return "two_median_requests";
  const halfNs = startNs + (nowNs - startNs) / 2n;
  if (!isFlat(slopeOf(line.in_flight, halfNs, nowNs), LEAST.in_flight)) return "in_flight";
  return isFlat(slopeOf(line.ttft_sched_ms, halfNs, nowNs), LEAST.ttft_sched_ms) ? null : "ttft";
}

/** Too few points show no slope, and so prove none: the wait goes on. */
function isFlat(slope: Slope | null, least: number): boolean {
  return slope !== null && trendOf(slope, least) === "flat";
}

function secondsBetween(fromNs: bigint, toNs: bigint): number {
  return Number(toNs - fromNs) / 1e9;
}
