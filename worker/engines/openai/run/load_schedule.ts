import { pathFrom } from "../../../../lib/base/expand_home.ts";
import { ownVariable } from "../../../../lib/base/own_environment.ts";
import type { ServedLoad } from "../../../../lib/experiment/engines/openai/load.ts";
import { drawSchedule, type Schedule, type ScheduleEnd, traceSchedule } from "../load/schedule.ts";
import type { Trace } from "../../../../lib/experiment/traces/trace.ts";
import { loadTrace } from "../load/trace.ts";

/** A load that waits for requests to end, or a schedule of times after the start. */
export type LoadSchedule =
  | { readonly kind: "closed"; readonly concurrency: number }
  | { readonly kind: "open"; readonly schedule: Schedule; readonly max_in_flight: number | null };

/** How long a load is to last. */
export type LoadLength =
  /** So many requests or conversations, all of them again and again until so many seconds are over; null: once. */
  | { readonly kind: "whole"; readonly units: number; readonly minSeconds: number | null }
  /** Until it is stopped, or at most so many seconds. */
  | { readonly kind: "stopped"; readonly mostSeconds: number };

/** The recorded requests of a load; null for one that is drawn. Throws a WorkerError where the file is not one. */
export function traceOf(load: ServedLoad, base_dir: string, count: number): Trace | null {
  if (load.kind !== "trace") return null;
  return loadTrace(pathFrom(base_dir, load.file, { HOME: ownVariable("HOME") }), count);
}

/** When its requests are due. The same load and length give the same times. */
export function loadSchedule(load: ServedLoad, trace: Trace | null, length: LoadLength): LoadSchedule {
  if (load.kind === "closed") return { kind: "closed", concurrency: load.concurrency };
  const { max_in_flight } = load;
  if (load.kind === "trace") {
    const end: ScheduleEnd = length.kind === "whole"
      ? { kind: "count", count: length.units }
      : { kind: "seconds", seconds: length.mostSeconds };
    const schedule = trace === null ? new Float64Array() : traceSchedule(trace, load.speed, end);
    return { kind: "open", schedule, max_in_flight };
  }
  if (length.kind === "stopped") {
    const schedule = drawSchedule(load, { kind: "seconds", seconds: length.mostSeconds });
    return { kind: "open", schedule, max_in_flight };
  }
  const { units, minSeconds } = length;
  const inTime = minSeconds === null
    ? 0
    : drawSchedule(load, { kind: "seconds", seconds: minSeconds }).length;
  const passes = Math.max(1, Math.ceil((inTime + (minSeconds === null ? 0 : 1)) / units));
  return {
    kind: "open",
    schedule: drawSchedule(load, { kind: "count", count: passes * units }),
    max_in_flight,
  };
}
