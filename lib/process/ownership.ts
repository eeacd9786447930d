import { largest } from "../base/numbers.ts";
import { isOwnChild } from "../base/own_children.ts";
import { adoptedChildren, descendants, orphansComeHere, statsOf } from "./adopted.ts";
import type { Cage } from "./cage.ts";
import { isAlive, type ProcStat, readProcStat } from "./proc_stat.ts";
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

/** What was seen of a tree while it was held. */
interface Seen {
  /** What was below its process before that was orphaned: pid and start, joined. */
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
 * Remembers what descends from a tree's process now: once it has been orphaned its descent shows no more. Returns what lives
 * outside its group of all that was remembered.
 */
export function lookBelow(tree: ProcessTree): ProcStat[] {
  const seen = trees.get(tree);
  if (seen === undefined) return [];
  const orphans = orphansComeHere() ? adoptedChildren().filter((stat) => claimOn(stat, tree) === "own") : [];
  const below = [tree.pgid, ...orphans.map(({ pid }) => pid)].flatMap(descendants);
  const known = statsOf([...seen.processes].map((key) => Number.parseInt(key))).filter((stat) =>
    seen.processes.has(keyOf(stat))
  );
  const found = new Map([...known, ...orphans, ...statsOf(below)].map((stat) => [keyOf(stat), stat]));
  // What is gone is nobody's to claim.
  seen.processes.clear();
  for (const [key, { pgrp, session }] of found) {
    seen.processes.add(key);
    seen.groups.add(pgrp).add(session);
  }
  return [...found.values()].filter((stat) => stat.pgrp !== tree.pgid && isAlive(stat));
}

/** Ids of the processes that are held: what they and theirs do is no work of this program's own. */
export function heldPids(): number[] {
  return [...trees.keys()].map(({ pgid }) => pgid);
}

/** True where another tree was held at some time since this one is. */
export function hadCompany(tree: ProcessTree): boolean {
  return trees.get(tree)?.had_company ?? false;
}

/** Whose an orphan is that has come to this program. */
export function claimOn(orphan: ProcStat, tree: ProcessTree): Claim {
  const key = keyOf(orphan);
  if (orphan.start_ticks < tree.start_ticks || givenUp.has(key)) return "others";
  const others = [...trees.keys()].filter((other) => other !== tree);
  // With one tree alone it can be no other's, whatever it shows or hides.
  if (others.length === 0 && unclear.size === 0) return "own";
  const shown = evidence(orphan, tree);
  const shownOthers = Math.max(0, largest(others.map((other) => evidence(orphan, other)), 0));
  if (shown > 0 && shown >= shownOthers) return "own";
  if (shownOthers > 0) return "others";
  if (others.some((other) => other.start_ticks <= orphan.start_ticks)) {
    unclear.add(key);
    return "unclear";
  }
  return unclear.size > 0 ? "leftover" : "own";
}

/**
 * True for a process that a held process started, which is named by its tags: by its cage or its descent, also through an
 * orphan that has come to us, by session or group, and by the environment of itself or of one that it descends from. Where no
 * such process is held, by the environment alone. False for whatever is older, and for what cannot be told.
 */
export function descendsFrom(pid: number, tags: Tags): boolean {
  const line = lineOf(pid);
  const tree = [...trees.keys()].find((held) => isSameTags(held.tags, tags));
  if (tree === undefined) return line.some((stat) => isTagged(stat.pid, tags));
  if (line.some((stat) => stat.pid === tree.pgid && stat.start_ticks === tree.start_ticks)) return true;
  const top = line.at(-1);
  if (top?.ppid === Deno.pid && orphansComeHere() && !isOwnChild(top.pid)) {
    const claim = claimOn(top, tree);
    if (claim !== "unclear") return claim === "own";
  }
  return line.some((stat) => stat.start_ticks >= tree.start_ticks && evidence(stat, tree) > 0);
}

/** A process and those that it descends from, up to our own child. A kernel thread, or one that is gone, has none. */
function lineOf(pid: number): ProcStat[] {
  const line: ProcStat[] = [];
  for (let stat = readProcStat(pid); stat !== null && stat.pid > 1; stat = readProcStat(stat.ppid)) {
    line.push(stat);
    if (stat.ppid === Deno.pid) break;
  }
  return line;
}

function isSameTags(a: Tags, b: Tags): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** It has ended, and that has been collected. */
export function forgetOrphan(orphan: ProcStat): void {
  unclear.delete(keyOf(orphan));
}

/** These live on whatever is done: no other tree is to be blamed for them. */
export function giveUpOn(survivors: readonly ProcStat[]): void {
  for (const stat of survivors) givenUp.add(keyOf(stat));
}

/**
 * How surely a process is of a tree, 0 where it shows nothing of it. The cage cannot be left and descent cannot be got by
 * chance; a session or group can be made anew; a process may overwrite its environment or hand it on to what is not its own.
 */
function evidence(stat: ProcStat, tree: ProcessTree): 0 | 1 | 2 | 3 | 4 {
  const { pid, pgrp, session } = stat;
  const seen = trees.get(tree);
  if (tree.cage.holds(pid)) return 4;
  if (seen?.processes.has(keyOf(stat))) return 3;
  if (pgrp === tree.pgid || session === tree.pgid) return 2;
  if (seen?.groups.has(pgrp) || seen?.groups.has(session)) return 2;
  return isTagged(pid, tree.tags) ? 1 : 0;
}

function keyOf({ pid, start_ticks }: ProcStat): string {
  return `${pid}/${start_ticks}`;
}
