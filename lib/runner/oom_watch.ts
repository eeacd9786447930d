import { isNamedVictim, type OomKills, readOomKills } from "../host/oom_kills.ts";
import type { ProcessExit } from "../process/spawn.ts";
import { pause } from "../base/abort.ts";

/** What is known once a worker has ended that we did not end. */
export interface OomFacts {
  readonly exit: ProcessExit;
  /** Before the worker was started. */
  readonly before: OomKills;
  readonly after: OomKills;
  /** Whether the kernel's log names the worker itself; null where nobody can tell. */
  readonly is_named: boolean | null;
  /** Other workers, of the same control group of ours, ran beside it: a count of that group may be about them. */
  readonly had_company: boolean;
}

/**
 * True where the kernel's OOM killer took the worker or a process of it:
 * - a process of our own cgroup was taken, with no other worker in it: the worker, a child of it, or one so large that
 *   the worker had no chance
 * - the kernel's log names the worker
 * - somebody on this machine was taken, and the worker was killed (or passes on a killed child by exit code 137) with
 *   no log to say that it was another
 */
export function isOomKill({ exit, before, after, is_named, had_company }: OomFacts): boolean {
  const own = rose(before.own, after.own);
  if (own && !had_company) return true;
  if (!own && !rose(before.machine, after.machine)) return false;
  if (exit.signal === "SIGKILL") return is_named ?? true;
  return exit.code === SHELL_KILLED;
}

/** How a shell passes on that its child was killed: 128 + SIGKILL. */
const SHELL_KILLED = 137;

function rose(before: number | null, after: number | null): boolean {
  return before !== null && after !== null && after > before;
}

/** The kernel kills first and logs afterwards, a moment later. */
const LOG_DELAY_MS = 100;

/** Looks at the counters before a worker is started and, where its end calls for it, again afterwards. */
export class OomWatch {
  readonly #before = readOomKills();

  /**
   * Judges the end of a worker that we did not end ourselves. `pid` is the worker's as the kernel's log names it, null
   * where that is not known; `had_company` as in {@link OomFacts}. Takes a moment only where somebody was taken.
   */
  async tookPartOf(pid: number | null, exit: ProcessExit, had_company: boolean): Promise<boolean> {
    const facts = { exit, before: this.#before, after: readOomKills(), had_company };
    if (pid === null || !isOomKill({ ...facts, is_named: null })) {
      return isOomKill({ ...facts, is_named: null });
    }
    const isNamed = isNamedVictim(pid);
    if (isOomKill({ ...facts, is_named: isNamed })) return true;
    await pause(LOG_DELAY_MS);
    return isOomKill({ ...facts, is_named: isNamedVictim(pid) });
  }
}
