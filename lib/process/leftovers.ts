import { OwnTime } from "../base/own_time.ts";
import { readProcStat } from "./proc_stat.ts";
import { livingMembers, signalGroup, signalProcess } from "./process_group.ts";
import { taggedProcesses, type Tags } from "./tagged.ts";

/** A worker of a runner that is gone, and by what its processes are known. */
export interface LostWorker {
  /** Also its process group. */
  readonly pid: number;
  readonly start_ticks: number;
  /** Variables in its environment and its children's, and in nobody else's. */
  readonly tags: Tags;
}

/** What was found of a worker. */
export interface Leftovers {
  readonly killed: readonly number[];
  /** Processes that live in spite of SIGKILL. */
  readonly survivors: readonly number[];
}

/**
 * Kills what is left of a worker whose runner died: its group while the worker itself lives, and whatever carries its
 * tags wherever it went. Anything that is not certainly of this worker is left alone: a process that has its pid by
 * chance started at another time, and members of its group without the worker are its own only with its tags.
 */
export async function killLeftovers(worker: LostWorker, limitMs: number): Promise<Leftovers> {
  const killed = new Set<number>();
  const time = new OwnTime(limitMs);
  for (let pauseMs = 1;; pauseMs = Math.min(pauseMs * 2, 50)) {
    // The whole group at once, while it is certain whose it is: killed one by one, the worker may be gone before the rest.
    const group = isSame(worker) ? livingMembers(worker.pid) : [];
    if (group.length > 0) signalGroup(worker.pid, "SIGKILL");
    const left = [...group, ...taggedProcesses(worker.tags, worker.start_ticks)];
    for (const { pid } of left) {
      killed.add(pid);
      signalProcess(pid, "SIGKILL");
    }
    if (left.length === 0) return { killed: [...killed], survivors: [] };
    if (time.isOver) {
      return { killed: [...killed], survivors: [...new Set(left.map(({ pid }) => pid))] };
    }
    await time.sleep(pauseMs);
  }
}

/** True while its pid is the worker's own, be it a zombie: a later process of that pid started at another time. */
function isSame({ pid, start_ticks }: LostWorker): boolean {
  return readProcStat(pid)?.start_ticks === start_ticks;
}
