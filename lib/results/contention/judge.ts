import * as messages from "./messages.ts";
import type { Contended, ContentionReadings, ContentionRecord, OwnCpu } from "./record.ts";

/**
 * A run that lost a share of its CPU time is slower by that share: of 16 runs of llama.cpp on one thread, on two CPUs beside other
 * work that took 23 to 66 % of it, throughput / (1 - lost_share) stayed within 13 % (one standard deviation) while the throughput
 * itself changed by 2.7 times. 5 % is what is called a doubt elsewhere (energy). Threads that work in step lose far more: two
 * of them fell from some 12000 to 24 to 460 tokens/s where half of their time was lost.
 */
const MOST_LOST_SHARE = 0.05;
/**
 * Beside less than this /proc/stat, which counts in ticks of 10 ms, shows too little to blame. Seen on two CPUs in quiet
 * half-seconds: beside 0.02 to 0.08 CPUs of other work one thread lost 0 to 2 %, two threads 2 to 5 %; beside 0.1 to 0.16 CPUs,
 * 1 to 2 % and 5 to 7 %.
 */
const LEAST_OTHERS_CPUS = 0.1;
const LEAST_OTHERS_S = 0.05;
/** Shorter than this, ticks of 10 ms say too little; without windows, starting and ending are a part of the time as well. */
const SHORTEST_S = { measured_windows: 0.2, run: 1 } as const;
/** A thread that wakes on a busy machine waits for some milliseconds: that often is no lack of CPU. */
const LEAST_LOST_S = 0.05;
/** Where all of the CPUs are busy beyond this, there was none left for what else was to run. */
const FULL = 0.95;

/** Judges readings: whether the run's processes had to wait for what others used. Pure. */
export function judgeContention(readings: ContentionReadings): ContentionRecord {
  const lost_share = lostShare(readings);
  const found = [lostToOthers(readings, lost_share), stolen(readings), throttled(readings)];
  const reasons = found.filter(({ contended }) => contended === "yes").flatMap(({ reasons }) => reasons);
  if (reasons.length > 0) return { contended: "yes", reasons, lost_share, readings };
  const [first] = found;
  return { contended: first?.contended ?? "unknown", reasons: first?.reasons ?? [], lost_share, readings };
}

/** Nothing was read, for that reason. */
export function unknownContention(reason: string): ContentionRecord {
  return { contended: "unknown", reasons: [reason], lost_share: null, readings: null };
}

type Finding = Pick<ContentionRecord, "contended" | "reasons">;

const NO: Finding = { contended: "no", reasons: [] };

function finding(contended: Contended, reason: string): Finding {
  return { contended, reasons: [reason] };
}

/** CPU time that the run was ready to use and others had. */
function lostToOthers(readings: ContentionReadings, lostShare: number | null): Finding {
  const { observed_s, own, others_cpus, others_cpu_s, usable_cpus, covers } = readings;
  const shortest_s = SHORTEST_S[covers];
  if (observed_s < shortest_s) return finding("unknown", messages.tooShort(observed_s, shortest_s));
  if (own === null) return finding("unknown", messages.ownNotCounted());
  if (others_cpus === null || others_cpu_s === null || usable_cpus === null) {
    return finding("unknown", messages.machineNotRead());
  }
  if (others_cpus < LEAST_OTHERS_CPUS || others_cpu_s < LEAST_OTHERS_S) return NO;
  const others = { others_cpus, usable_cpus, covers };
  if (lostShare === null) return withoutWaits(readings, own, others);
  const isMuch = lostSeconds(own, readings, usable_cpus) >= LEAST_LOST_S;
  if (isMuch && lostShare >= MOST_LOST_SHARE) return finding("yes", messages.waited(others, lostShare));
  const held = heldUpShare(own, readings, usable_cpus);
  return held >= MOST_LOST_SHARE ? finding("yes", messages.oneThreadWaited(others, held)) : NO;
}

/**
 * What others had of the CPU time that the run would have used; null where waits are not told. A run that computes elsewhere (on
 * a GPU) uses little CPU, and is slowed down by what it lost of the time that passed.
 */
function lostShare(readings: ContentionReadings): number | null {
  const { own, usable_cpus } = readings;
  if (own === null || usable_cpus === null || waitSeconds(own, readings) === null) return null;
  const lost_s = lostSeconds(own, readings, usable_cpus);
  return lost_s === 0 ? 0 : lost_s / Math.max(own.cpu_s + lost_s, readings.observed_s);
}

/**
 * Of the time that threads waited for a CPU, what was not for each other: a run with more threads than CPUs waits on a quiet
 * machine, too, but then it has all the CPUs.
 */
function lostSeconds(own: OwnCpu, readings: ContentionReadings, usableCpus: number): number {
  const free_s = Math.max(0, usableCpus * readings.observed_s - own.cpu_s);
  return Math.min(waitSeconds(own, readings) ?? 0, free_s);
}

/** Without schedstat, the time in which a task of the run's own group waited: never more than all of them did. */
function waitSeconds({ wait_s }: OwnCpu, { own_pressure }: ContentionReadings): number | null {
  return wait_s ?? own_pressure?.cpu_some_s ?? null;
}

/**
 * The longest wait of one thread as a share of the time. Threads that work in step (OpenMP, ggml) are all as late as the last
 * of them. 0 where the run has more threads ready than CPUs, so that they wait for each other.
 */
function heldUpShare(own: OwnCpu, { observed_s }: ContentionReadings, usableCpus: number): number {
  const { cpu_s, wait_s, longest_thread_wait_s } = own;
  if (wait_s === null || longest_thread_wait_s === null || longest_thread_wait_s < LEAST_LOST_S) return 0;
  return cpu_s + wait_s > usableCpus * observed_s ? 0 : longest_thread_wait_s / observed_s;
}

/** A kernel that tells no waits at all: whether any CPU was left. */
function withoutWaits(readings: ContentionReadings, own: OwnCpu, others: messages.Others): Finding {
  const { observed_s, machine_cpu_s } = readings;
  const isFull = machine_cpu_s !== null && machine_cpu_s >= FULL * others.usable_cpus * observed_s;
  if (!isFull) return NO;
  const needsCpu = own.cpu_s >= LEAST_OTHERS_CPUS * observed_s;
  return needsCpu
    ? finding("yes", messages.allBusy(others))
    : finding("unknown", messages.waitsNotReported());
}

/** What the hypervisor withheld from the run: of all that it withheld, the run's part of what ran. Without that, all of it. */
function stolen({ covers, observed_s, own, steal_s, machine_cpu_s }: ContentionReadings): Finding {
  if (steal_s === null || machine_cpu_s === null || observed_s < SHORTEST_S[covers]) return NO;
  const used_s = own === null ? machine_cpu_s : Math.min(own.cpu_s, machine_cpu_s);
  const lost_s = used_s === 0 ? 0 : steal_s * used_s / machine_cpu_s;
  const share = lost_s / Math.max(used_s + lost_s, observed_s);
  return lost_s >= LEAST_LOST_S && share >= MOST_LOST_SHARE ? finding("yes", messages.stolen(share)) : NO;
}

/** One period may be a burst at the edge. */
const LEAST_THROTTLED_PERIODS = 2;

function throttled({ throttling, usable_cpus }: ContentionReadings): Finding {
  if (throttling === null || throttling.throttled_periods < LEAST_THROTTLED_PERIODS) return NO;
  const share = throttling.throttled_periods / throttling.periods;
  return share >= MOST_LOST_SHARE ? finding("yes", messages.throttled(share, usable_cpus)) : NO;
}
