import { readKernelFile } from "../base/files.ts";

/** The fields of /proc/PID/stat that tell who a process is and whether it still lives; see proc(5). */
export interface ProcStat {
  readonly pid: number;
  /** R, S, D, T, t, Z, X ...; a zombie (Z) or dead (X) process holds nothing any more. */
  readonly state: string;
  readonly ppid: number;
  readonly pgrp: number;
  readonly session: number;
  /** The process group in the foreground of its terminal; -1 where it has none. */
  readonly tpgid: number;
  /** Clock ticks since boot: with the boot id it tells a process from a later one of the same pid. */
  readonly start_ticks: number;
}

/** Reads a process's stat; null where there is no such process. */
export function readProcStat(pid: number): ProcStat | null {
  try {
    return parseProcStat(readKernelFile(`/proc/${pid}/stat`));
  } catch {
    // ENOENT or ESRCH: it is gone, which is what the caller asked.
    return null;
  }
}

/** The command name may hold spaces and parentheses, so fields count from the last one. */
export function parseProcStat(text: string): ProcStat | null {
  const pid = Number.parseInt(text);
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, ppid, pgrp, session, , tpgid] = fields;
  const startTicks = fields[19];
  if (state === undefined || session === undefined || startTicks === undefined || Number.isNaN(pid)) {
    return null;
  }
  return {
    pid,
    state,
    ppid: Number(ppid),
    pgrp: Number(pgrp),
    session: Number(session),
    tpgid: Number(tpgid),
    start_ticks: Number(startTicks),
  };
}

/** True where the process can still run or hold memory. */
export function isAlive(stat: ProcStat | null): boolean {
  return stat !== null && stat.state !== "Z" && stat.state !== "X";
}

/** Every process of the machine (about 3 ms for 90 processes): only for the slow path. */
export function* allProcesses(): Generator<ProcStat> {
  for (const entry of Deno.readDirSync("/proc")) {
    const pid = Number(entry.name);
    if (!Number.isInteger(pid)) continue;
    const stat = readProcStat(pid);
    if (stat !== null) yield stat;
  }
}

/** The kernel's id of this boot; null where /proc does not tell. */
export function bootId(): string | null {
  try {
    return Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim();
  } catch {
    return null;
  }
}
