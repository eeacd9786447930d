import { descendants, statsOf } from "./adopted.ts";
import type { Cage } from "./cage.ts";
import type { ProcStat } from "./proc_stat.ts";
import { isTagged, type Tags } from "./tagged.ts";

/** A process, and by what everything that it starts is known. */
export interface ProcessTree {
  /** Pid, process group and session of the process itself. */
  readonly pgid: number;
  /** Its start in clock ticks: whatever is older is none of its descendants. */
  readonly start_ticks: number;
  readonly cage: Cage;
  /** Variables in the environment of what it starts, and of nothing else. */
  readonly tags: Tags;
}

/**
 * Whose an orphan is, asked for one tree:
 * - own: that tree's
 * - others: not that tree's
 * - unclear: one of several trees that are held may have started it, and it shows nothing of any
 * - leftover: as unclear, or started by one that was; but no other tree is there any more that could be asked
 */
export type Claim = "own" | "others" | "unclear" | "leftover";

/** What was seen of a tree while it was trees. */
interface Seen {
  /** What was below its process before that was orphaned. */
  readonly processes: Set<string>;
  /** Groups and sessions that they made. */
  readonly groups: Set<number>;
  /** Another tree was held at the same time. */
  had_company: boolean;
}

/** Every tree that is held by this program. */
const trees = new Map<ProcessTree, Seen>();
/** Living orphans that may be of any of several trees. */
const unclear = new Set<string>();
/** What lived on in spite of SIGKILL when its tree was given up. */
const givenUp = new Set<string>();

/** Makes a tree known: what it starts is no other tree's. Until it is disposed, when nothing of the tree is left. */
export function holdTree(tree: ProcessTree): Disposable {
  const had_company = trees.size > 0;
  for (const seen of trees.values()) seen.had_company = true;
  trees.set(tree, { processes: new Set(), groups: new Set(), had_company });
  return {
    [Symbol.dispose]: () => {
      trees.delete(tree);
      if (trees.size === 0) unclear.clear();
    },
  };
}

/**
 * Remembers what descends from a tree's process now: once it has been orphaned its descent shows no more. Costs nothing
 * while no other tree is trees.
 */
export function lookBelow(tree: ProcessTree): void {
  const seen = trees.get(tree);
  if (seen === undefined || trees.size === 1) return;
  for (const stat of statsOf(descendants(tree.pgid))) {
    seen.processes.add(keyOf(stat));
    seen.groups.add(stat.pgrp).add(stat.session);
  }
}

/** True where another tree was held at some time since this one is. */
export function hadCompany(tree: ProcessTree): boolean {
  return trees.get(tree)?.had_company ?? false;
}

/** Whose an orphan is that has come to this program. */
export function claimOn(orphan: ProcStat, tree: ProcessTree): Claim {
  const key = keyOf(orphan);
  if (orphan.start_ticks < tree.start_ticks || givenUp.has(key)) return "others";
  if (shows(orphan, tree)) return "own";
  const others = [...trees.keys()].filter((other) => other !== tree);
  if (others.some((other) => shows(orphan, other))) return "others";
  if (others.some((other) => other.start_ticks <= orphan.start_ticks)) {
    unclear.add(key);
    return "unclear";
  }
  // With one tree alone it can be no other's, whatever it shows or hides.
  return unclear.size > 0 ? "leftover" : "own";
}

/** It has ended, and that has been collected. */
export function forgetOrphan(orphan: ProcStat): void {
  unclear.delete(keyOf(orphan));
}

/** These live on whatever is done: no other tree is to be blamed for them. */
export function giveUpOn(survivors: readonly ProcStat[]): void {
  for (const stat of survivors) givenUp.add(keyOf(stat));
}

/** What cannot be got by chance: cage, session, group, environment, descent. */
function shows(orphan: ProcStat, tree: ProcessTree): boolean {
  const { pid, pgrp, session } = orphan;
  if (pgrp === tree.pgid || session === tree.pgid) return true;
  const seen = trees.get(tree);
  if (seen?.processes.has(keyOf(orphan)) || seen?.groups.has(pgrp) || seen?.groups.has(session)) return true;
  return tree.cage.holds(pid) || isTagged(pid, tree.tags);
}

function keyOf({ pid, start_ticks }: ProcStat): string {
  return `${pid}/${start_ticks}`;
}
