import { groupOomKills, isNamedVictim, type OomKills, readOomKills } from "../host/oom_kills.ts";
import type { ProcessExit } from "../process/spawn.ts";
import { pause } from "../base/abort.ts";

/** What is known once a worker has ended that we did not end. */
export interface OomFacts {
  readonly exit: ProcessExit;
  /** Before the worker was started. */
  readonly before: OomKills;
  readonly after: OomKills;
  /** How many of the attempt's own control group were taken meanwhile; null, or left out, where that is not counted. */
  readonly in_group?: number | null;
  /** Whether the kernel's log names the worker itself; null where nobody can tell. */
  readonly is_named: boolean | null;
  /** Other workers, of the same control group of ours, ran beside it: a count of that group may be about them. */
  readonly had_company: boolean;
}

/**
 * True where the kernel's OOM killer took the worker or a process of it:
 * - a process of the attempt's own control group was taken, which is nobody else's; where none was, it was not this one
 * - a process of our own cgroup was taken, with no other worker in it: the worker, a child of it, or one so large that
 *   the worker had no chance
 * - the kernel's log names the worker
 * - somebody on this machine was taken, and the worker was killed (or passes on a killed child by exit code 137) with
 *   no log to say that it was another
 *
 * Null in the last case where other workers ran beside it: it may have been one of them.
 */
export function isOomKill(
  { exit, before, after, in_group = null, is_named, had_company }: OomFacts,
): boolean | null {
  if (in_group !== null) return in_group > 0;
  const own = rose(before.own, after.own);
  if (own && !had_company) return true;
  if (!own && !rose(before.machine, after.machine)) return false;
  const guess = had_company ? null : true;
  if (exit.signal === "SIGKILL") return is_named ?? guess;
  return exit.code === SHELL_KILLED ? guess : false;
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
  readonly #group: string | null;
  readonly #inGroup: number | null;

  /** `group`: path of the attempt's own control group; null where it has none. */
  constructor(group: string | null = null) {
    this.#group = group;
    this.#inGroup = group === null ? null : groupOomKills(group);
  }

  /**
   * Judges the end of a worker that we did not end ourselves. `pid` is the worker's as the kernel's log names it, null
   * where that is not known; `had_company` as in {@link OomFacts}. Null where it may have been another worker that was taken.
   * Takes a moment only where somebody was.
   */
  async tookPartOf(pid: number | null, exit: ProcessExit, had_company: boolean): Promise<boolean | null> {
    const group = this.#group === null ? null : groupOomKills(this.#group);
    const in_group = group === null || this.#inGroup === null ? null : group - this.#inGroup;
    const facts = { exit, before: this.#before, after: readOomKills(), in_group, had_company };
    const unnamed = isOomKill({ ...facts, is_named: null });
    if (pid === null || in_group !== null || unnamed === false) return unnamed;
    const isNamed = isNamedVictim(pid);
    if (isOomKill({ ...facts, is_named: isNamed })) return true;
    await pause(LOG_DELAY_MS);
    return isOomKill({ ...facts, is_named: isNamedVictim(pid) });
  }
}
