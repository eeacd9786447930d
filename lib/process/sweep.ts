import { OwnTime } from "../base/own_time.ts";
import { adoptedChildren, descendants, orphansComeHere, reap, statsOf } from "./adopted.ts";
import { claimOn, forgetOrphan, giveUpOn, type ProcessTree } from "./ownership.ts";
import { allProcesses, isAlive, type ProcStat, readProcStat } from "./proc_stat.ts";
import { ownMembers, processExists, signalProcess } from "./process_group.ts";
import { taggedProcesses } from "./tagged.ts";

/** What was found alive after a held process's own end. */
export interface Sweep {
  /** Processes still in its group at the first look. */
  readonly in_group: readonly number[];
  /** Processes that had left its group. */
  readonly escaped: readonly number[];
  /** Processes that it, or one that was held beside it, had started: which of them, nothing tells. */
  readonly unclaimed: readonly number[];
  /** Processes that live in spite of SIGKILL. */
  readonly survivors: readonly number[];
}

/**
 * Kills what is left of a held process, in its group, in its cage and among the orphans that came to us, until nothing of
 * it lives or the time is up. What other held processes started is left alone. Costs a few hundred microseconds where
 * nothing is left, however many processes the machine has. `onFound` hears of what is about to be killed.
 */
export async function sweep(
  tree: ProcessTree,
  limitMs: number,
  onFound: (pids: readonly number[]) => void = () => {},
): Promise<Sweep> {
  const { pgid, cage } = tree;
  const escaped = new Set<number>();
  const unclaimed = new Set<number>();
  const inGroup = ownMembers(pgid).map((stat) => stat.pid);
  const time = new OwnTime(limitMs);
  let dead = 0;
  for (let pauseMs = 1, clean = 0;; pauseMs = Math.min(pauseMs * 2, 50)) {
    const { strays, leftovers, reaped } = findStrays(tree);
    dead += reaped;
    for (const { pid } of strays) escaped.add(pid);
    for (const { pid } of leftovers) unclaimed.add(pid);
    const members = ownMembers(pgid);
    const living = [...strays, ...leftovers, ...members];
    if (living.length > 0) onFound(living.map(({ pid }) => pid));
    if (strays.length > 0 || members.length > 0) cage.kill(pgid);
    // By pid as well: a stray is in no group of ours, and only the larger cages hold it.
    for (const { pid } of [...strays, ...leftovers]) signalProcess(pid, "SIGKILL");
    const isOver = time.isOver;
    // A chain that forks and dies shows at least its dead.
    clean = living.length + reaped === 0 ? clean + 1 : 0;
    // Where something ran away, one look may miss what it forked meanwhile.
    const isGone = clean > (escaped.size + unclaimed.size + dead > 0 ? 1 : 0);
    if (isGone || isOver) {
      const survivors = isGone ? [] : living;
      giveUpOn(survivors);
      return {
        in_group: inGroup,
        escaped: [...escaped],
        unclaimed: [...unclaimed],
        survivors: [...new Set(survivors.map(({ pid }) => pid))],
      };
    }
    await time.sleep(pauseMs);
  }
}

interface Found {
  /** What the tree started and lives outside its group. */
  readonly strays: readonly ProcStat[];
  /** What it may have started, with nothing else left that could have. */
  readonly leftovers: readonly ProcStat[];
  /** How many dead orphans were collected that were, or may have been, the tree's. */
  readonly reaped: number;
}

/**
 * Looks at the orphans that came to us with all below them, at the cage, and at what descends from the process itself
 * where that does not die. Collects the dead.
 */
function findStrays(tree: ProcessTree): Found {
  const { pgid, cage } = tree;
  const strays = new Map<number, ProcStat>();
  const leftovers = new Map<number, ProcStat>();
  const add = (to: Map<number, ProcStat>, stats: readonly ProcStat[]): void => {
    for (const stat of stats) if (isAlive(stat) && stat.pgrp !== pgid) to.set(stat.pid, stat);
  };
  let reaped = 0;
  for (const orphan of adoptedChildren()) {
    const claim = claimOn(orphan, tree);
    if (claim === "others") continue;
    if (!isAlive(orphan)) {
      reap(orphan.pid);
      forgetOrphan(orphan);
      if (claim !== "unclear") reaped += 1;
    } else if (claim !== "unclear" && orphansComeHere()) {
      add(claim === "own" ? strays : leftovers, [orphan, ...statsOf(descendants(orphan.pid))]);
    }
  }
  if (processExists(pgid) && readProcStat(pgid)?.start_ticks === tree.start_ticks) {
    add(strays, statsOf(descendants(pgid)));
  }
  add(strays, cage.members());
  if (!orphansComeHere()) add(strays, lostStrays(tree));
  for (const pid of strays.keys()) leftovers.delete(pid);
  return { strays: [...strays.values()], leftovers: [...leftovers.values()], reaped };
}

/** What a kernel that gives us no orphans leaves to go by: the worker's session and its environment. A look at everybody. */
function lostStrays({ pgid, start_ticks, tags }: ProcessTree): ProcStat[] {
  const inSession = [...allProcesses()].filter((stat) =>
    stat.session === pgid && isAlive(stat) && stat.start_ticks >= start_ticks
  );
  return [...inSession, ...taggedProcesses(tags, start_ticks)];
}
