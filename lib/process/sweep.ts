import { children, descendants, reap } from "./adopted.ts";
import type { Cage } from "./cage.ts";
import { isAlive, type ProcStat, readProcStat } from "./proc_stat.ts";
import { livingMembers, signalProcess } from "./process_group.ts";

/** The attempt whose processes are to be gone. */
export interface SweepTarget {
  /** Process group (and pid) of the worker. */
  readonly pgid: number;
  /** Start of the worker in clock ticks: whatever is older is not its descendant. */
  readonly start_ticks: number;
  readonly cage: Cage;
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
  for (let pauseMs = 1, clean = 0;; pauseMs = Math.min(pauseMs * 2, 50)) {
    const strays = findStrays(target);
    for (const stray of strays) escaped.add(stray.pid);
    const members = livingMembers(pgid);
    if (strays.length > 0 || members.length > 0) cage.kill(pgid);
    // By pid as well: a stray is in no group of ours, and only the larger cages hold it.
    for (const { pid } of strays) signalProcess(pid, "SIGKILL");
    const survivors = [...strays, ...members].map((stat) => stat.pid);
    clean = survivors.length === 0 ? clean + 1 : 0;
    // Where something ran away once, one look may miss what it forked meanwhile.
    if (clean > (escaped.size > 0 ? 1 : 0)) {
      return { in_group: inGroup, escaped: [...escaped], survivors: [] };
    }
    if (performance.now() > end) {
      return { in_group: inGroup, escaped: [...escaped], survivors: [...new Set(survivors)] };
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** What lives outside the worker's group and is the attempt's: orphans that came to us with all below, and the cage's. */
function findStrays(target: SweepTarget): ProcStat[] {
  const keep = target.keep();
  const found = new Map<number, ProcStat>();
  for (const child of children()) {
    if (child.pid === target.pgid || keep.has(child.pid) || target.cage.keepers.includes(child.pid)) continue;
    if (child.start_ticks < target.start_ticks) continue;
    if (!isAlive(child)) {
      reap(child.pid);
      continue;
    }
    for (const stat of [child, ...descendants(child.pid).map(readProcStat)]) {
      if (stat !== null && isAlive(stat)) found.set(stat.pid, stat);
    }
  }
  for (const stat of target.cage.members()) found.set(stat.pid, stat);
  return [...found.values()].filter((stat) => stat.pgrp !== target.pgid);
}
