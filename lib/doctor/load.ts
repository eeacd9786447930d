import { monotonicMs } from "../base/clock.ts";
import { readProcFile, TICKS_PER_S } from "../base/proc_file.ts";
import { readCpuTime } from "../host/cpu_time.ts";
import { parseCpuTicks } from "../process/tree_cpu.ts";
import { othersUse } from "./messages.ts";

/** CPU time of the machine and of this program at one moment. */
export interface LoadReading {
  /** On the monotonic clock. */
  readonly at_ms: number;
  /** The CPUs that this process may use. */
  readonly cpus: number;
  /** CPU seconds that these have worked since boot. */
  readonly busy_s: number;
  /** CPU seconds of this program and of its children that have ended. */
  readonly own_s: number;
}

/** Shorter stretches are a few ticks of 10 ms. */
const SHORTEST_MS = 100;
/** Over longer ones something was waited for, and the load of then says little of now. */
const LONGEST_MS = 10_000;
/** The share of the CPUs above which others disturb a measurement; daemons of an idle machine stay far below it. */
const BUSY_SHARE = 0.1;

/** Null where /proc does not tell. */
export function readLoad(): LoadReading | null {
  const time = readCpuTime();
  const own_s = ownSeconds();
  if (time === null || own_s === null) return null;
  const { cpus, busy_s } = time;
  return { at_ms: monotonicMs(), cpus, busy_s, own_s };
}

/** What others did between two readings. */
export interface OthersLoad {
  /** CPUs that processes other than ours used on average. */
  readonly others: number;
  readonly cpus: number;
  /** By how many CPUs that may be wrong: a tick of each CPU at either end. */
  readonly doubt: number;
}

/** Null where a reading is missing, or too little time lies between them. */
export function othersBetween(before: LoadReading | null, after: LoadReading | null): OthersLoad | null {
  if (before === null || after === null || after.at_ms - before.at_ms < SHORTEST_MS) return null;
  const seconds = (after.at_ms - before.at_ms) / 1000;
  const others = (after.busy_s - before.busy_s - (after.own_s - before.own_s)) / seconds;
  const doubt = 2 * after.cpus / TICKS_PER_S / seconds;
  return { others: Math.min(Math.max(others, 0), after.cpus), cpus: after.cpus, doubt };
}

/** True where others would make numbers scatter. */
export function isBusy({ others, cpus, doubt }: OthersLoad): boolean {
  return others - doubt > BUSY_SHARE * cpus;
}

/** A warning before the first run; null where the machine is quiet, or where that is not known. */
export function loadWarning(before: LoadReading | null, after: LoadReading | null): string | null {
  if (before !== null && after !== null && after.at_ms - before.at_ms > LONGEST_MS) return null;
  const load = othersBetween(before, after);
  return load !== null && isBusy(load) ? othersUse(load.others, load.cpus) : null;
}

/** Null where /proc does not tell. */
function ownSeconds(): number | null {
  const text = readProcFile("/proc/self/stat");
  const ticks = text === null ? null : parseCpuTicks(text, "with_children");
  return ticks === null ? null : ticks / TICKS_PER_S;
}
