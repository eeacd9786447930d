import { OwnTime } from "../base/own_time.ts";
import { descendants, statsOf } from "./adopted.ts";
import { attemptCgroup } from "./cgroup.ts";
import { isAlive, type ProcStat, readProcStat } from "./proc_stat.ts";
import { livingMembers, signalGroup, signalProcess } from "./process_group.ts";
import { taggedProcesses, type Tags } from "./tagged.ts";

/** A worker of a runner that is gone, and by what its processes are known. */
export interface LostWorker {
  /** The worker itself, which also leads its process group; null where the runner died before it could write that down. */
  readonly process: { readonly pid: number; readonly start_ticks: number } | null;
  /** The folder of its control group; null where it had none, or nobody knows. */
  readonly cgroup: string | null;
  /** Each stands in the environment of the worker and its children and of nobody else. */
  readonly tags: readonly Tags[];
}

/** What was found of a worker. */
export interface Leftovers {
  readonly killed: readonly number[];
  /** Processes that live in spite of SIGKILL. */
  readonly survivors: readonly number[];
}

/**
 * Kills what is left of a worker whose runner died: its control group; while the worker itself lives, its group and all that
 * descends from it; and whatever carries its tags wherever it went, with what descends from that. Anything that is not
 * certainly of this worker is left alone: a process that has its pid by chance started at another time, and members of its
 * group without the worker are its own only with its tags. So are we, and whoever started us. `onFound` hears of what is about
 * to be killed.
 */
export async function killLeftovers(
  worker: LostWorker,
  limitMs: number,
  onFound: (pids: readonly number[]) => void = () => {},
): Promise<Leftovers> {
  const killed = new Set<number>();
  const cgroup = worker.cgroup === null ? null : attemptCgroup(worker.cgroup);
  const time = new OwnTime(limitMs);
  for (let pauseMs = 1;; pauseMs = Math.min(pauseMs * 2, 50)) {
    const left = new Map<number, ProcStat>();
    for (const stat of [...cgroup?.members() ?? [], ...ofGroup(worker), ...ofTags(worker)]) {
      if (!isOurOwn(stat.pid)) left.set(stat.pid, stat);
    }
    onFound([...left.keys()]);
    for (const pid of left.keys()) {
      killed.add(pid);
      signalProcess(pid, "SIGKILL");
    }
    if (left.size === 0 || time.isOver) {
      cgroup?.remove();
      return { killed: [...killed], survivors: [...left.keys()] };
    }
    await time.sleep(pauseMs);
  }
}

/** The worker, its group and all below it, while it is certain whose that is. */
function ofGroup({ process }: LostWorker): ProcStat[] {
  if (process === null || !isSame(process)) return [];
  const group = livingMembers(process.pid);
  // Stopped before any of them dies: none is to be orphaned, nor to fork, before what is below it has been seen.
  if (group.length > 0) signalGroup(process.pid, "SIGSTOP");
  return [...group, ...stoppedBelow([process.pid, ...group.map(({ pid }) => pid)])];
}

function ofTags({ process, tags }: LostWorker): ProcStat[] {
  const since = process?.start_ticks ?? 0;
  const tagged = tags.flatMap((each) => taggedProcesses(each, since)).filter(({ pid }) => !isOurOwn(pid));
  for (const { pid } of tagged) signalProcess(pid, "SIGSTOP");
  return [...tagged, ...stoppedBelow(tagged.map(({ pid }) => pid))];
}

/** How often to look for what was forked before its parent was stopped. */
const MOST_LOOKS = 8;

/** What lives below these processes, stopped. */
function stoppedBelow(pids: readonly number[]): ProcStat[] {
  const found = new Map<number, ProcStat>();
  for (let looks = MOST_LOOKS; looks > 0; looks--) {
    const below = statsOf(pids.flatMap(descendants)).filter(isAlive);
    const fresh = below.filter(({ pid }) => !found.has(pid));
    if (fresh.length === 0) break;
    for (const stat of fresh) {
      found.set(stat.pid, stat);
      if (!isOurOwn(stat.pid)) signalProcess(stat.pid, "SIGSTOP");
    }
  }
  return [...found.values()];
}

/** True for this process and those above it: a worker that is left may be what started the resume. */
function isOurOwn(pid: number): boolean {
  for (let own: number | undefined = Deno.pid; own !== undefined && own > 1; own = readProcStat(own)?.ppid) {
    if (own === pid) return true;
  }
  return false;
}

/** True while its pid is the worker's own, be it a zombie: a later process of that pid started at another time. */
function isSame({ pid, start_ticks }: { readonly pid: number; readonly start_ticks: number }): boolean {
  return readProcStat(pid)?.start_ticks === start_ticks;
}
