import { namesIn } from "../base/files.ts";
import { isOwnChild } from "../base/own_children.ts";
import { readProcFile, TICKS_PER_S } from "../base/proc_file.ts";
import { childrenOf } from "./adopted.ts";

/**
 * CPU time of processes, from /proc/PID/stat and, thread by thread, /proc/PID/task/TID/schedstat. Sources: proc(5); the kernel's
 * scheduler/sched-stats: "time spent on the cpu (in nanoseconds), time spent waiting on a runqueue (in nanoseconds)".
 */

/** Threads of one process whose waiting is read; more of them are like these. A reading takes some 20 us a thread. */
const MOST_THREADS = 32;

/** What a process with everything below it has used so far of what was looked at. Only differences mean something. */
export interface TreeCpuUse {
  /** CPU time in seconds, of threads that have ended as well; to 10 ms a process. */
  readonly cpu_s: number;
  /** Of the threads whose waiting was read, while it was read. */
  readonly threads: {
    readonly cpu_s: number;
    /** On a run queue without a CPU: the thread was ready to run. */
    readonly wait_s: number;
    /** Of the thread that waited longest. */
    readonly longest_wait_s: number;
    readonly count: number;
  } | null;
}

/** What one thread has used so far, in nanoseconds. */
interface ThreadTimes {
  readonly cpu_ns: number;
  readonly wait_ns: number;
}

/** Follows a process and what it starts from the first look on. Every further look adds what was used since the one before. */
export class TreeCpu {
  readonly #pid: number;
  /** As they were last listed. */
  #pids: readonly number[] = [];
  /** What each thread had used at the last look. */
  readonly #threads = new Map<string, ThreadTimes>();
  /** What each thread has waited since the first look. */
  readonly #waits = new Map<string, number>();
  /** CPU time of each process at the last look, in ticks. */
  #processes = new Map<number, number>();
  #ticks = 0;
  #cpuNs = 0;
  #waitNs = 0;
  #isFirst = true;
  #sawThreads = false;

  constructor(pid: number) {
    this.#pid = pid;
  }

  /**
   * Used since the first look, which says 0; null where nothing of the tree is there any more. A quick look does without what
   * was started since the last full one: listing processes takes as long as all the rest. Never throws.
   */
  look(kind: "full" | "quick" = "full"): TreeCpuUse | null {
    if (kind === "full") this.#pids = treeOf(this.#pid);
    const processes = new Map<number, number>();
    for (const pid of this.#pids) {
      const ticks = cpuTicks(pid);
      if (ticks === null) continue;
      processes.set(pid, ticks);
      this.#takeThreads(pid);
    }
    if (processes.size === 0) return null;
    this.#takeTicks(processes);
    this.#isFirst = false;
    const longest = this.#waits.values().reduce((most, wait) => Math.max(most, wait), 0);
    return {
      cpu_s: this.#ticks / TICKS_PER_S,
      threads: this.#sawThreads
        ? {
          cpu_s: this.#cpuNs / 1e9,
          wait_s: this.#waitNs / 1e9,
          longest_wait_s: longest / 1e9,
          count: this.#threads.size,
        }
        : null,
    };
  }

  /** A child that has ended and been waited for counts with its parent, so the sum alone is compared. */
  #takeTicks(processes: Map<number, number>): void {
    const sum = (of: Map<number, number>): number => of.values().reduce((all, ticks) => all + ticks, 0);
    if (!this.#isFirst) this.#ticks += Math.max(0, sum(processes) - sum(this.#processes));
    this.#processes = processes;
  }

  #takeThreads(pid: number): void {
    const threads = namesIn(`/proc/${pid}/task`);
    const known = threads.filter((thread) => this.#threads.has(`${pid}/${thread}`));
    const others = threads.filter((thread) => !this.#threads.has(`${pid}/${thread}`));
    const more = spreadOut(others, MOST_THREADS - known.length);
    for (const thread of [...known, ...more]) this.#takeThread(pid, thread);
  }

  #takeThread(pid: number, thread: string): void {
    const key = `${pid}/${thread}`;
    const now = threadTimes(pid, thread);
    const before = this.#threads.get(key) ?? (this.#isFirst ? now : { cpu_ns: 0, wait_ns: 0 });
    if (now === null || before === null) {
      this.#threads.delete(key);
      return;
    }
    this.#sawThreads = true;
    this.#threads.set(key, now);
    // A thread of the same id that is younger has used less.
    if (now.cpu_ns < before.cpu_ns) return;
    const waited = now.wait_ns - before.wait_ns;
    this.#cpuNs += now.cpu_ns - before.cpu_ns;
    this.#waitNs += waited;
    this.#waits.set(key, (this.#waits.get(key) ?? 0) + waited);
  }
}

/** CPU time in seconds that this process and its helpers have used so far: its children but for those named. */
export function ownCpuSeconds(except: readonly number[]): number {
  const helpers = childrenOf(Deno.pid).filter((pid) => isOwnChild(pid) && !except.includes(pid));
  const ticks = helpers.map((pid) => cpuTicks(pid) ?? 0).reduce((sum, used) => sum + used, 0);
  return (ticks + (cpuTicks(Deno.pid, "alone") ?? 0)) / TICKS_PER_S;
}

/** User and system time of a process in ticks, of children that it has waited for as well; null where it is gone. */
function cpuTicks(pid: number, whose: "alone" | "with_children" = "with_children"): number | null {
  const text = readProcFile(`/proc/${pid}/stat`);
  return text === null ? null : parseCpuTicks(text, whose);
}

/** Fields 14 to 17 of /proc/PID/stat: utime, stime, cutime, cstime. */
export function parseCpuTicks(text: string, whose: "alone" | "with_children"): number | null {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ").slice(11, whose === "alone" ? 13 : 15);
  const ticks = fields.map(Number).reduce((sum, used) => sum + used, 0);
  return fields.length === 0 || Number.isNaN(ticks) ? null : ticks;
}

/** Null for one that has ended, and where the kernel was built without CONFIG_SCHED_INFO. */
function threadTimes(pid: number, thread: string): ThreadTimes | null {
  const text = readProcFile(`/proc/${pid}/task/${thread}/schedstat`);
  const [cpu, wait] = (text ?? "").split(" ").map(Number);
  return cpu === undefined || wait === undefined || Number.isNaN(cpu + wait)
    ? null
    : { cpu_ns: cpu, wait_ns: wait };
}

function treeOf(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(treeOf)];
}

/** At most so many of them, evenly spread. */
function spreadOut(names: readonly string[], most: number): readonly string[] {
  if (names.length <= most) return names;
  return Array.from(
    { length: Math.max(0, most) },
    (_, at) => names[Math.floor(at * names.length / most)] ?? "",
  );
}
