import { monotonicMs } from "../base/clock.ts";
import { type CpuThrottling, readCpuThrottling } from "../host/cpu_throttling.ts";
import { type CpuTime, readCpuTime } from "../host/cpu_time.ts";
import { readCpuLimit } from "../host/machine.ts";
import { type MemoryTraffic, readMemoryTraffic } from "../host/memory_bandwidth.ts";
import {
  type Pressure,
  readGroupPressure,
  readLoadPerMinute,
  readMachinePressure,
} from "../host/pressure.ts";
import { groupCpuSeconds } from "../process/cgroup.ts";
import { heldPids } from "../process/ownership.ts";
import { ownCpuSeconds, TreeCpu, type TreeCpuUse } from "../process/tree_cpu.ts";
import { type Frame, MEASURED_PHASE } from "../protocol/frame.ts";
import { judgeContention, unknownContention } from "../results/contention/judge.ts";
import * as messages from "../results/contention/messages.ts";
import type { ContentionReadings, ContentionRecord, OwnCpu } from "../results/contention/record.ts";

/**
 * A reading is taken so long after a stretch began, then after twice that, up to one a second: what has ended by the last reading
 * took its times along, and a worker may be gone before the end of its window is heard of.
 */
const FIRST_LOOK_MS = 100;
const LOOK_INTERVAL_MS = 1000;
/** Windows end as often as a worker likes: one that ends sooner after a reading is covered up to that. */
const EDGE_INTERVAL_MS = 100;

/** What of a worker is read. */
export interface WatchedWorker {
  readonly pid: number;
  /** The attempt's own control group; null without one. */
  readonly cgroup: string | null;
  /** It runs in a container: what it uses is not below our child. */
  readonly is_contained: boolean;
  /** The CPUs that its processes are kept to; null, or left out, for all. */
  readonly cpus?: readonly number[] | null;
  /** Of the server that was started for it: what that uses is not of others. Left out where there is none. */
  readonly server_pid?: number;
}

/** Everything at one moment, as counted since boot or since the begin of the time covered. */
interface Reading {
  readonly ms: number;
  readonly machine: CpuTime | null;
  readonly own: TreeCpuUse | null;
  readonly group_cpu_s: number | null;
  readonly server_cpu_s: number;
  readonly llem_cpu_s: number;
  readonly pressure: Pressure | null;
  readonly own_pressure: Pressure | null;
  readonly load: number | null;
  readonly throttling: CpuThrottling | null;
  readonly traffic: MemoryTraffic;
}

/** The worker's processes, and its server's. */
interface Trees {
  readonly own: TreeCpu;
  readonly server: TreeCpu | null;
}

/** A stretch of time: its begin, and the last reading of it so far. */
interface Stretch {
  readonly covers: ContentionReadings["covers"];
  readonly trees: Trees;
  readonly begin: Reading;
  last: Reading | null;
}

/**
 * Reads what a worker and the rest of the machine use at the edges of the measured windows, so that a run that had to share
 * its CPUs shows it. A reading costs about a millisecond of the runner's time, and nothing of the worker's.
 */
export class ContentionWatch implements Disposable {
  readonly #cpuLimit = readCpuLimit();
  #worker: WatchedWorker | null = null;
  #stretch: Stretch | null = null;
  #timer: number | undefined;
  /** What is covered has begun and not ended. */
  #isOpen = false;
  /** Its user has let go of it: what still comes starts no reading, which would go on for ever. */
  #isOver = false;

  /** The worker exists. */
  started(worker: WatchedWorker): void {
    this.#worker = worker;
  }

  /** Hears every frame of the worker. */
  onFrame(frame: Frame): void {
    if (this.#isOver) return;
    if (frame.type === "hello" && this.#stretch === null) this.#begin("run");
    if (frame.type === "phase" && frame.name === MEASURED_PHASE) this.#edge(frame.edge);
    if (frame.type === "result" || frame.type === "error") this.#end();
  }

  /** What was seen, judged. The worker is gone. */
  end(): ContentionRecord {
    this[Symbol.dispose]();
    const stretch = this.#stretch;
    if (stretch === null || stretch.last === null) return unknownContention(messages.nothingObserved());
    return judgeContention(readingsOf(stretch, stretch.last, this.#worker, this.#cpuLimit));
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#clear();
  }

  #edge(edge: "begin" | "end"): void {
    if (edge === "end") return this.#end();
    this.#isOpen = true;
    if (this.#stretch?.covers === "measured_windows") this.#lookAfter(LOOK_INTERVAL_MS);
    else this.#begin("measured_windows");
  }

  #begin(covers: Stretch["covers"]): void {
    if (this.#worker === null) return;
    const { pid, server_pid } = this.#worker;
    const server = server_pid === undefined ? null : new TreeCpu(server_pid);
    const trees = { own: new TreeCpu(pid), server };
    this.#stretch = { covers, trees, begin: takeReading(this.#worker, trees, "full"), last: null };
    this.#isOpen = true;
    this.#lookAfter(FIRST_LOOK_MS);
  }

  /** Until the next window opens there is nothing to read. */
  #end(): void {
    this.#clear();
    if (this.#isOpen && this.#sinceLastMs() >= EDGE_INTERVAL_MS) this.#read("full");
    this.#isOpen = false;
  }

  #clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #lookAfter(ms: number): void {
    clearTimeout(this.#timer);
    const timer = setTimeout(() => {
      // Deno calls a timer that was due already when it was cleared.
      if (this.#timer !== timer) return;
      this.#read("quick");
      this.#lookAfter(Math.min(2 * ms, LOOK_INTERVAL_MS));
    }, ms);
    this.#timer = timer;
  }

  /** One that finds nothing of the worker any more leaves the one before. */
  #read(look: "full" | "quick"): void {
    const stretch = this.#stretch;
    if (this.#worker === null || stretch === null) return;
    const reading = takeReading(this.#worker, stretch.trees, look);
    if (reading.own !== null || stretch.last === null) stretch.last = reading;
  }

  #sinceLastMs(): number {
    const last = this.#stretch?.last ?? null;
    return last === null ? Infinity : monotonicMs() - last.ms;
  }
}

function takeReading(
  { cgroup, is_contained, cpus = null }: WatchedWorker,
  trees: Trees,
  look: "full" | "quick",
): Reading {
  return {
    ms: monotonicMs(),
    machine: readCpuTime("", cpus),
    own: is_contained ? null : trees.own.look(look),
    group_cpu_s: cgroup === null ? null : groupCpuSeconds(cgroup),
    server_cpu_s: trees.server?.look(look)?.cpu_s ?? 0,
    llem_cpu_s: ownCpuSeconds(heldPids()),
    pressure: readMachinePressure(),
    own_pressure: cgroup === null ? null : readGroupPressure(cgroup),
    load: readLoadPerMinute(),
    throttling: readCpuThrottling(),
    traffic: readMemoryTraffic(),
  };
}

/** The differences between the begin of a stretch and its last reading. */
function readingsOf(
  { covers, begin }: Stretch,
  end: Reading,
  worker: WatchedWorker | null,
  cpuLimit: number | null,
): ContentionReadings {
  const observed_s = (end.ms - begin.ms) / 1000;
  const own = worker?.is_contained === true ? null : ownCpu(begin, end);
  const llem_cpu_s = end.llem_cpu_s - begin.llem_cpu_s;
  const server_cpu_s = Math.max(0, end.server_cpu_s - begin.server_cpu_s);
  const machine_cpu_s = difference(begin.machine?.busy_s, end.machine?.busy_s);
  const others_cpu_s = own === null || machine_cpu_s === null
    ? null
    : Math.max(0, machine_cpu_s - own.cpu_s - server_cpu_s - llem_cpu_s);
  const cpus = end.machine?.cpus ?? null;
  return {
    covers,
    observed_s,
    usable_cpus: cpus === null ? null : Math.min(cpus, cpuLimit ?? cpus),
    own,
    llem_cpu_s,
    machine_cpu_s,
    others_cpu_s,
    others_cpus: others_cpu_s === null || observed_s <= 0 ? null : others_cpu_s / observed_s,
    steal_s: difference(begin.machine?.steal_s, end.machine?.steal_s),
    pressure: pressureBetween(begin.pressure, end.pressure),
    own_pressure: pressureBetween(begin.own_pressure, end.own_pressure),
    load_per_minute: { begin: begin.load, end: end.load },
    throttling: throttlingBetween(begin.throttling, end.throttling),
    ...bandwidthBetween(begin.traffic, end.traffic, observed_s),
  };
}

/** The control group counts everything in it, to the microsecond; the tree what still descends from the worker. */
function ownCpu(begin: Reading, end: Reading): OwnCpu | null {
  const cpu_s = difference(begin.group_cpu_s, end.group_cpu_s) ?? end.own?.cpu_s ?? null;
  if (cpu_s === null) return null;
  const threads = end.own?.threads ?? null;
  if (threads === null) return { cpu_s, wait_s: null, longest_thread_wait_s: null, threads_read: 0 };
  return {
    cpu_s,
    wait_s: waitOfAll(cpu_s, threads),
    longest_thread_wait_s: threads.longest_wait_s,
    threads_read: threads.count,
  };
}

/** Threads that were not read, or ended before they were, are taken to have waited as those did that were. */
function waitOfAll(
  cpuS: number,
  { cpu_s, wait_s }: { readonly cpu_s: number; readonly wait_s: number },
): number {
  const areMost = cpu_s >= cpuS * LEAST_READ;
  return areMost && cpu_s > 0 ? wait_s * Math.max(1, cpuS / cpu_s) : wait_s;
}

/** Of less than this share of the CPU time nothing is concluded about the rest. */
const LEAST_READ = 0.2;

function pressureBetween(begin: Pressure | null, end: Pressure | null): Pressure | null {
  if (begin === null || end === null) return null;
  const of = (name: keyof Pressure): number | null => difference(begin[name], end[name]);
  return {
    cpu_some_s: of("cpu_some_s"),
    memory_some_s: of("memory_some_s"),
    memory_full_s: of("memory_full_s"),
    io_some_s: of("io_some_s"),
    io_full_s: of("io_full_s"),
  };
}

function throttlingBetween(begin: CpuThrottling | null, end: CpuThrottling | null): CpuThrottling | null {
  if (end === null) return null;
  const of = (name: keyof CpuThrottling): number => end[name] - (begin?.[name] ?? 0);
  return {
    periods: of("periods"),
    throttled_periods: of("throttled_periods"),
    throttled_s: of("throttled_s"),
  };
}

function bandwidthBetween(
  begin: MemoryTraffic,
  end: MemoryTraffic,
  seconds: number,
): Pick<ContentionReadings, "memory_bandwidth_bytes_per_s" | "memory_bandwidth_reason"> {
  if ("reason" in end) return { memory_bandwidth_bytes_per_s: null, memory_bandwidth_reason: end.reason };
  if ("reason" in begin) return { memory_bandwidth_bytes_per_s: null, memory_bandwidth_reason: begin.reason };
  const bytes = end.bytes - begin.bytes;
  return { memory_bandwidth_bytes_per_s: bytes / seconds, memory_bandwidth_reason: null };
}

function difference(begin: number | null | undefined, end: number | null | undefined): number | null {
  return typeof begin === "number" && typeof end === "number" ? end - begin : null;
}
