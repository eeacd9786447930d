import type { Trace } from "../../../../lib/experiment/traces/trace.ts";
import { type Arrivals, arrivalSeconds } from "./arrivals.ts";

/** When every request is due: whole nanoseconds after the start, never falling, fixed before the start. */
export type Schedule = Float64Array;

/** How far a schedule reaches: so many requests, or all that are due before so many seconds. */
export type ScheduleEnd =
  | { readonly kind: "count"; readonly count: number }
  | { readonly kind: "seconds"; readonly seconds: number };

const NS = 1e9;

/** The same arrivals and end give the same schedule on every machine; a longer one begins with the shorter one. */
export function drawSchedule(arrivals: Arrivals, end: ScheduleEnd): Schedule {
  const offsets: number[] = [];
  for (const second of arrivalSeconds(arrivals)) {
    if (end.kind === "count" ? offsets.length === end.count : second >= end.seconds) break;
    offsets.push(Math.round(second * NS));
  }
  return Float64Array.from(offsets);
}

/** The times of a trace, `speed` times as fast as it was recorded, the first one at 0. It ends where the trace does. */
export function traceSchedule({ requests }: Trace, speed: number, end: ScheduleEnd): Schedule {
  const firstNs = requests[0]?.t_ns ?? 0n;
  const all = Float64Array.from(requests, ({ t_ns }) => Math.round(Number(t_ns - firstNs) / speed));
  if (end.kind === "count") return all.slice(0, end.count);
  const late = all.findIndex((offset) => offset >= end.seconds * NS);
  return late === -1 ? all : all.slice(0, late);
}

/** Gaps between `count` events per second, the first and last of them at these nanoseconds; null of no time. */
export function ratePerSecond(count: number, firstNs: number, lastNs: number): number | null {
  return count < 2 || lastNs <= firstNs ? null : (count - 1) * NS / (lastNs - firstNs);
}
