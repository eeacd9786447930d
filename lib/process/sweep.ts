import { sleep } from "../base/abort.ts";
import { children, descendants, orphansComeHere, reap } from "./adopted.ts";
import type { Cage } from "./cage.ts";
import { allProcesses, isAlive, type ProcStat, readProcStat } from "./proc_stat.ts";
import { livingMembers, signalProcess } from "./process_group.ts";
import { taggedProcesses, type Tags } from "./tagged.ts";

/** The attempt whose processes are to be gone. */
export interface SweepTarget {
  /** Process group (and pid) of the worker. */
  readonly pgid: number;
  /** Start of the worker in clock ticks: whatever is older is not its descendant. */
  readonly start_ticks: number;
  readonly cage: Cage;
  /** Variables in the environment of this attempt's processes and nobody else's. */
  readonly tags: Tags;
  /** Other children of ours, such as the guard; asked anew at every look. */
  readonly keep: () => ReadonlySet<number>;
}

/** What was found alive after the worker's own end. */
export interface Sweep {
  /** Processes still in the worker's group at the first look. */
  readonly in_group: readonly number[];
  /** Processes that had left the worker's group. */
  readonly escaped: readonly number[];
  /** Processes that live in spite of SIGKILL. */
  readonly survivors: readonly number[];
}

/**
 * Kills what is left of an attempt, in its group, in its cage and among the orphans that came to us, until nothing of
 * it lives or the time is up. Costs a few hundred microseconds where nothing is left.
 */
export async function sweep(target: SweepTarget, limitMs: number): Promise<Sweep> {
  const { pgid, cage } = target;
  const escaped = new Set<number>();
  const inGroup = livingMembers(pgid).map((stat) => stat.pid);
  const end = performance.now() + limitMs;
  let dead = 0;
  for (let pauseMs = 1, clean = 0;; pauseMs = Math.min(pauseMs * 2, 50)) {
    const { strays, reaped } = findStrays(target);
    dead += reaped;
    for (const stray of strays) escaped.add(stray.pid);
    const members = livingMembers(pgid);
    if (strays.length > 0 || members.length > 0) cage.kill(pgid);
    // By pid as well: a stray is in no group of ours, and only the larger cages hold it.
    for (const { pid } of strays) signalProcess(pid, "SIGKILL");
    const survivors = [...strays, ...members].map((stat) => stat.pid);
    // A chain that forks and dies shows at least its dead.
    clean = survivors.length + reaped === 0 ? clean + 1 : 0;
    // Where something ran away, one look may miss what it forked meanwhile.
    if (clean > (escaped.size + dead > 0 ? 1 : 0)) {
      return { in_group: inGroup, escaped: [...escaped], survivors: [] };
    }
    if (performance.now() > end) {
      return { in_group: inGroup, escaped: [...escaped], survivors: [...new Set(survivors)] };
    }
    await sleep(pauseMs);
  }
}

/**
 * What lives outside the worker's group and is the attempt's: orphans that came to us with all below, and the cage's.
 * Collects the dead among the orphans and says how many there were.
 */
function findStrays(target: SweepTarget): { readonly strays: ProcStat[]; readonly reaped: number } {
  const keep = target.keep();
  const found = new Map<number, ProcStat>();
  let reaped = 0;
  for (const child of children()) {
    if (child.pid === target.pgid || keep.has(child.pid) || target.cage.keepers.includes(child.pid)) continue;
    if (child.start_ticks < target.start_ticks) continue;
    if (!isAlive(child)) {
      reap(child.pid);
      reaped += 1;
      continue;
    }
    if (!orphansComeHere()) continue;
    for (const stat of [child, ...descendants(child.pid).map(readProcStat)]) {
      if (stat !== null && isAlive(stat)) found.set(stat.pid, stat);
    }
  }
  for (const stat of target.cage.members()) found.set(stat.pid, stat);
  if (!orphansComeHere()) {
    for (const stat of lostStrays(target)) found.set(stat.pid, stat);
  }
  return { strays: [...found.values()].filter((stat) => stat.pgrp !== target.pgid), reaped };
}

/** What a kernel that gives us no orphans leaves to go by: the worker's session and its environment. A look at everybody. */
function lostStrays({ pgid, start_ticks, tags }: SweepTarget): ProcStat[] {
  const inSession = [...allProcesses()].filter((stat) =>
    stat.session === pgid && isAlive(stat) && stat.start_ticks >= start_ticks
  );
  return [...inSession, ...taggedProcesses(tags, start_ticks)];
}
