import { readKernelFile } from "../base/files.ts";
import { parseCpuList } from "../host/cpu_topology.ts";
import { descendants } from "../process/adopted.ts";
import { MEASURED_PHASE } from "../protocol/frame.ts";
import type { AttemptListeners } from "./attempt_listeners.ts";
import { cpusLeft } from "./messages.ts";

/** A run with more processes than these is looked at in part: each look is a file to read. */
const MOST_LOOKED_AT = 256;

/** What the processes of a run are to be kept to. */
export interface Kept {
  /** Null where they may run anywhere. */
  readonly cpus: readonly number[] | null;
  /** Further processes that work for it. */
  readonly others: () => readonly number[];
}

/**
 * The same, and a run is told of whose processes are not where they were put: an engine may choose its own CPUs, which are those
 * of another slot then. Looked at where its measured windows begin and end, and with its result, for it may have ended by then.
 */
export function keptTo({ cpus, others }: Kept, listeners: AttemptListeners): AttemptListeners {
  if (cpus === null) return listeners;
  let pid: number | null = null;
  let isTold = false;
  return {
    ...listeners,
    onStarted: (child) => {
      pid = child?.pid ?? null;
      listeners.onStarted(child);
    },
    onFrame: (frame, view) => {
      const isDue = frame.type === "result" || frame.type === "phase" && frame.name === MEASURED_PHASE;
      if (isDue && pid !== null && !isTold) {
        const left = outside(cpus, [pid, ...descendants(pid), ...others()]);
        if (left !== null) view.warn("left_its_cpus", cpusLeft(left.pid, left.list));
        isTold = left !== null;
      }
      listeners.onFrame(frame, view);
    },
  };
}

/** The first of these processes that may run on other CPUs, and its list; null where none does. */
function outside(
  cpus: readonly number[],
  pids: readonly number[],
): { readonly pid: number; readonly list: string } | null {
  const own = new Set(cpus);
  for (const pid of pids.slice(0, MOST_LOOKED_AT)) {
    const list = allowedList(pid);
    if (parseCpuList(list).some((cpu) => !own.has(cpu))) return { pid, list };
  }
  return null;
}

/** `Cpus_allowed_list` of proc(5); empty for one that has ended. */
function allowedList(pid: number): string {
  try {
    return /^Cpus_allowed_list:\s*(\S+)/m.exec(readKernelFile(`/proc/${pid}/status`))?.[1] ?? "";
  } catch {
    return "";
  }
}
