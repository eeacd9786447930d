import type { Pressure } from "../../host/pressure.ts";

/** Whether a run got the CPU time that it asked for; `unknown` where too little could be read to say. */
export type Contended = "yes" | "no" | "unknown";

/** `contention` of result.json: whether other work on this machine slowed the run down, and all that was read of it. */
export interface ContentionRecord {
  readonly contended: Contended;
  /** As sentences; empty where the answer is no. */
  readonly reasons: readonly string[];
  /**
   * CPU time that others had while the run was ready to use it, as a share of what it would have used, or of the time that
   * passed where it used less than one CPU: 0 to 1. The answer goes by this. Null where it is not known.
   */
  readonly lost_share: number | null;
  /** Ids of runs of the same study that were beside it, where the answer is yes and there were any; else left out. */
  readonly beside?: readonly string[];
  /** Null where nothing was read. */
  readonly readings: ContentionReadings | null;
}

/** What was read, as differences between the begin and the end of the time covered. Null is what cannot be told. */
export interface ContentionReadings {
  /** From the first measured window to the last one; for a worker that marks none, from its hello to its result. */
  readonly covers: "measured_windows" | "run";
  readonly observed_s: number;
  /** CPUs that the run may use: by affinity, cpuset and the CPU limit of its control group. */
  readonly usable_cpus: number | null;
  /** The worker and what it starts; null where these processes cannot be counted, as those of a container. */
  readonly own: OwnCpu | null;
  /** Of llem itself: runner, meter and guard. */
  readonly llem_cpu_s: number;
  /** All processes of the machine, on the CPUs that the run may use. */
  readonly machine_cpu_s: number | null;
  /** The same without the run and llem. */
  readonly others_cpu_s: number | null;
  /** CPUs that others kept busy on average. */
  readonly others_cpus: number | null;
  /** In which the hypervisor ran something else. */
  readonly steal_s: number | null;
  /** Of the machine: seconds in which some, or all, tasks stood still for want of CPU, memory or I/O. */
  readonly pressure: Pressure | null;
  /** Of the attempt's own control group; null without one. */
  readonly own_pressure: Pressure | null;
  readonly load_per_minute: { readonly begin: number | null; readonly end: number | null };
  /** By the CPU limit of the control groups that llem is in; null without a limit. */
  readonly throttling: {
    readonly periods: number;
    readonly throttled_periods: number;
    /** Added up over CPUs. */
    readonly throttled_s: number;
  } | null;
  readonly memory_bandwidth_bytes_per_s: number | null;
  /** Why there is no bandwidth; null where there is. */
  readonly memory_bandwidth_reason: string | null;
}

/** CPU time of the run's own processes. */
export interface OwnCpu {
  readonly cpu_s: number;
  /** On a run queue without a CPU, all threads together; null where the kernel does not tell. */
  readonly wait_s: number | null;
  /** Of the thread that waited longest. */
  readonly longest_thread_wait_s: number | null;
  /** Threads whose waiting was read; `wait_s` is for all. */
  readonly threads_read: number;
}
