import { children, reap } from "./adopted.ts";
import { isAlive } from "./proc_stat.ts";
import { livingMembers, signalGroup } from "./process_group.ts";

/** The attempt whose processes are to be gone. */
export interface SweepTarget {
  /** Process group (and pid) of the worker. */
  readonly pgid: number;
  /** Start of the worker in clock ticks: whatever is older is not its descendant. */
  readonly start_ticks: number;
  /** Other children of ours, such as the guard. */
  readonly keep: ReadonlySet<number>;
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
 * Kills what is left of an attempt, in its group and among the orphans that came to us, until nothing of it
 * lives or the time is up. Costs a few hundred microseconds where nothing is left.
 */
export async function sweep(target: SweepTarget, limitMs: number): Promise<Sweep> {
  const escaped = new Set<number>();
  const inGroup = livingMembers(target.pgid).map((stat) => stat.pid);
  const end = performance.now() + limitMs;
  for (let pauseMs = 1;; pauseMs = Math.min(pauseMs * 2, 50)) {
    const orphans = children().filter((child) =>
      child.pid !== target.pgid && !target.keep.has(child.pid) && child.start_ticks >= target.start_ticks
    );
    for (const orphan of orphans) {
      if (!isAlive(orphan)) reap(orphan.pid);
      else {
        if (orphan.pgrp !== target.pgid) escaped.add(orphan.pid);
        Deno.kill(orphan.pid, "SIGKILL");
      }
    }
    const members = livingMembers(target.pgid);
    if (members.length > 0) signalGroup(target.pgid, "SIGKILL");
    const survivors = [...orphans.filter(isAlive), ...members].map((stat) => stat.pid);
    if (survivors.length === 0 && orphans.length === 0) {
      return { in_group: inGroup, escaped: [...escaped], survivors: [] };
    }
    if (performance.now() > end) {
      return { in_group: inGroup, escaped: [...escaped], survivors: [...new Set(survivors)] };
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
