import { libc } from "../base/libc.ts";
import { isOwnChild } from "../base/own_children.ts";
import { readProcFile } from "../base/proc_file.ts";
import { allProcesses, type ProcStat, readProcStat } from "./proc_stat.ts";

const PR_SET_CHILD_SUBREAPER = 36;
const WNOHANG = 1;
const status = new Int32Array(1);

let isSubreaper = false;

/** True once orphans below this process come to it, and nobody else's do. */
export function orphansComeHere(): boolean {
  return isSubreaper;
}

/**
 * Makes this process the parent of every orphan below it, so that a daemon that left its process group is still
 * found (prctl(2), PR_SET_CHILD_SUBREAPER). False where the kernel refuses, and for the first process of a container:
 * to that one every orphan comes, also of programs that we did not start.
 */
export function becomeSubreaper(): boolean {
  isSubreaper = Deno.pid !== 1 && libc().prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n) === 0;
  return isSubreaper;
}

/** Our direct children, zombies included. */
export function children(): ProcStat[] {
  return statsOf(childrenOf(Deno.pid));
}

/** Children of ours that we did not start, zombies included: orphans of what we started. */
export function adoptedChildren(): ProcStat[] {
  return statsOf(childrenOf(Deno.pid).filter((pid) => !isOwnChild(pid)));
}

/** Threads come and go while they are listed, and take their children along to another thread. */
const LIST_TRIES = 5;

/** Ids of a process's direct children, zombies included; empty where it is gone. */
export function childrenOf(pid: number): number[] {
  // The kernel may have been built without such files: look at every process.
  if (!hasChildrenFiles()) {
    return [...allProcesses()].filter((stat) => stat.ppid === pid).map((stat) => stat.pid);
  }
  let found: number[] = [];
  for (let tries = LIST_TRIES; tries > 0; tries--) {
    const { pids, isWhole } = listChildren(pid);
    found = pids;
    if (isWhole) break;
  }
  return found;
}

/** The lists of all threads that were there; whole where none of them ended meanwhile. */
function listChildren(pid: number): { readonly pids: number[]; readonly isWhole: boolean } {
  const pids: number[] = [];
  let isWhole = true;
  let threads: Deno.DirEntry[];
  try {
    threads = [...Deno.readDirSync(`/proc/${pid}/task`)];
  } catch {
    // The process is gone.
    return { pids, isWhole };
  }
  for (const { name } of threads) {
    const text = readProcFile(`/proc/${pid}/task/${name}/children`);
    if (text === null) isWhole = false;
    else for (const child of text.split(" ")) if (child !== "") pids.push(Number(child));
  }
  return { pids, isWhole };
}

let knowsChildren: boolean | null = null;

/** CONFIG_PROC_CHILDREN, which every distribution sets. */
function hasChildrenFiles(): boolean {
  knowsChildren ??= isThere(`/proc/self/task/${Deno.pid}/children`);
  return knowsChildren;
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Ids of everything below a process, parents before children. */
export function descendants(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendants(child)]);
}

/** Everything below this process, zombies included. */
export function ownProcesses(): ProcStat[] {
  return statsOf(descendants(Deno.pid));
}

/** What can be told of these processes, in the same order; those that are gone by now are left out. */
export function statsOf(pids: readonly number[]): ProcStat[] {
  return pids.map(readProcStat).filter((stat) => stat !== null);
}

/** Collects one ended child by pid. Never waits, and never for "any" child: that would take Deno's own. */
export function reap(pid: number): void {
  libc().waitpid(pid, new Uint8Array(status.buffer), WNOHANG);
}
