import { join } from "node:path";
import { isJsonObject, type Json } from "../base/json.ts";
import { bootId, isAlive, readProcStat } from "../process/proc_stat.ts";
import { lookAtLock, readOwner } from "../storage/lock.ts";

/** Whether a runner is at work; `alive` is null where that cannot be seen from this machine. */
export interface RunnerPresence {
  readonly alive: boolean | null;
  readonly host: string | null;
  readonly pid: number | null;
}

/**
 * Who holds the study: named by the owner's text; alive where the lock is held, or that very process is seen. Without
 * --no-lock the lock tells it also of another pid namespace, whose processes cannot be seen.
 */
export function findRunner(dir: string): RunnerPresence {
  let owner: Json = null;
  try {
    owner = JSON.parse(readOwner(join(dir, "lock")));
  } catch {
    // No lock file, or one being written: nobody can be named.
  }
  if (!isJsonObject(owner)) return { alive: false, host: null, pid: null };
  const host = String(owner["host"]);
  const pid = Number(owner["pid"]);
  if (lookAtLock(join(dir, "lock")).kind === "held") return { alive: true, host, pid };
  // Another machine's processes cannot be seen from here, and its lock only on some file systems.
  if (host !== Deno.hostname()) return { alive: null, host, pid };
  const stat = readProcStat(pid);
  const same = owner["boot_id"] === bootId() && stat?.start_ticks === owner["start_ticks"];
  return { alive: same && isAlive(stat), host, pid };
}
