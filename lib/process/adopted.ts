import { libc } from "../base/libc.ts";
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
  return childrenOf(Deno.pid).map(readProcStat).filter((stat) => stat !== null);
}

/** Ids of a process's direct children, zombies included; empty where it is gone. */
export function childrenOf(pid: number): number[] {
  try {
    return [...Deno.readDirSync(`/proc/${pid}/task`)].flatMap((task) =>
      Deno.readTextFileSync(`/proc/${pid}/task/${task.name}/children`).split(" ")
    ).filter((child) => child !== "").map(Number);
  } catch {
    // A thread ended while we looked, or the kernel has no `children` file: look at everybody.
    return [...allProcesses()].filter((stat) => stat.ppid === pid).map((stat) => stat.pid);
  }
}

/** Ids of everything below a process, parents before children. */
export function descendants(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendants(child)]);
}

/** Collects one ended child by pid. Never waits, and never for "any" child: that would take Deno's own. */
export function reap(pid: number): void {
  libc().waitpid(pid, new Uint8Array(status.buffer), WNOHANG);
}
