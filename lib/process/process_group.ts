import { EPERM, errno, ESRCH, libc } from "../base/libc.ts";
import { orphansComeHere, ownProcesses } from "./adopted.ts";
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

/** True for a process that lives or is dead and not collected. Cheaper than the error of reading what is not there. */
export function processExists(pid: number): boolean {
  return libc().kill(pid, 0) === 0 || errno() !== ESRCH;
}

/** True for a process of another user that we may not signal, be it visible in /proc or not. */
export function isOfAnotherUser(pid: number): boolean {
  return pid > 0 && libc().kill(pid, 0) !== 0 && errno() === EPERM;
}

/** Processes of any group that still live: a look at every process of the machine, unless the group is empty. */
export function livingMembers(pgid: number): ProcStat[] {
  if (isEmpty(pgid)) return [];
  return [...allProcesses()].filter((stat) => stat.pgrp === pgid && isAlive(stat));
}

/** The same for a group that we started: a look at what is below us, however many processes the machine has. */
export function ownMembers(pgid: number): ProcStat[] {
  if (isEmpty(pgid)) return [];
  const members = orphansComeHere() ? ownProcesses().filter((stat) => stat.pgrp === pgid) : [];
  // Where not even a dead one shows, a list of children has left something out: the kernel allows itself that while one of
  // them ends.
  return members.length === 0 ? livingMembers(pgid) : members.filter(isAlive);
}

/**
 * kill(2) with signal 0 answers the common case (nothing left) without a look at /proc. It counts zombies, so anything else
 * is judged by process state.
 */
function isEmpty(pgid: number): boolean {
  assertGroup(pgid);
  return libc().kill(-pgid, 0) !== 0 && errno() === ESRCH;
}

/** Group 0 would be our own and 1 everybody's: a wrong number here must never reach kill(2). */
function assertGroup(pgid: number): void {
  if (!Number.isInteger(pgid) || pgid <= 1) throw new RangeError(`Cannot signal process group ${pgid}`);
}
