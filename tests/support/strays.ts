/** Processes that are known by what they run, whatever ids they have inside a namespace. */
import { isAlive, readProcStat } from "../../lib/process/proc_stat.ts";

let made = 0;

/** A duration for sleep(1) that no other process of this machine sleeps for. */
export function sleepOfItsOwn(): string {
  made += 1;
  return `${1_000_000 + Deno.pid % 1_000_000}.${made}`;
}

/** Living processes that are `sleep <seconds>`. */
export function sleepersOf(seconds: string): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) => {
    if (!Number.isInteger(pid)) return false;
    try {
      return Deno.readTextFileSync(`/proc/${pid}/cmdline`) === `sleep\0${seconds}\0` &&
        isAlive(readProcStat(pid));
    } catch {
      return false;
    }
  });
}
