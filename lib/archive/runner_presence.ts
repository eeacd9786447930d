import { join } from "node:path";
import { isJsonObject, type Json } from "../base/json.ts";
import { bootId, isAlive, readProcStat } from "../process/proc_stat.ts";
import { isShared } from "../cluster/agents.ts";
import { lookAtLock, readOwner } from "../storage/lock.ts";
import { agentsOf } from "./shared/agents_of.ts";

/** Whether a runner is at work; `alive` is null where that cannot be seen from this machine. */
export interface RunnerPresence {
  readonly alive: boolean | null;
  readonly host: string | null;
  readonly pid: number | null;
}

/** Whether somebody is at work on a study: who holds its directory or, where agents share it, any of them. */
export function findRunner(dir: string): RunnerPresence {
  if (!isShared(dir)) return findLockHolder(dir);
  const agents = agentsOf(dir);
  const found = agents.find(({ alive }) => alive) ?? agents.at(-1);
  if (found === undefined) return { alive: false, host: null, pid: null };
  const { alive, agent: { host, pid } } = found;
  return { alive, host, pid };
}

/**
 * Who holds the study: named by the owner's text; alive where the lock is held, or that very process is seen. Without
 * --no-lock the lock tells it also of another pid namespace, whose processes cannot be seen.
 */
export function findLockHolder(dir: string): RunnerPresence {
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
