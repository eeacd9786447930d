import { errno, ESRCH, libc } from "../base/libc.ts";
import { allProcesses, isAlive, type ProcStat } from "./proc_stat.ts";
import { SIGNAL_NUMBERS, type SignalName } from "./signal_numbers.ts";

/** Signals every process of a group; a group that is gone is no error. */
export function signalGroup(pgid: number, signal: SignalName): void {
  assertGroup(pgid);
  libc().kill(-pgid, SIGNAL_NUMBERS[signal]);
}

/** Signals one process; one that is gone is no error. */
export function signalProcess(pid: number, signal: SignalName): void {
  if (!Number.isInteger(pid) || pid <= 1) throw new RangeError(`Cannot signal process ${pid}`);
  libc().kill(pid, SIGNAL_NUMBERS[signal]);
}

/**
 * Processes of the group that still live. kill(2) with signal 0 answers the common case (nothing left) without
 * a look at /proc; it counts zombies, so anything else is judged by process state.
 */
export function livingMembers(pgid: number): ProcStat[] {
  assertGroup(pgid);
  if (libc().kill(-pgid, 0) !== 0 && errno() === ESRCH) return [];
  return [...allProcesses()].filter((stat) => stat.pgrp === pgid && isAlive(stat));
}

/** Group 0 would be our own and 1 everybody's: a wrong number here must never reach kill(2). */
function assertGroup(pgid: number): void {
  if (!Number.isInteger(pgid) || pgid <= 1) throw new RangeError(`Cannot signal process group ${pgid}`);
}
