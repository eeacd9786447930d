import { allProcesses, isAlive, type ProcStat } from "./proc_stat.ts";

/** Variables that a process was started with, by which its attempt is known again. */
export type Tags = Readonly<Record<string, string>>;

/**
 * For the environment of what is to be known by its tags: setproctitle, by which vLLM, SGLang and TensorRT-LLM rename their
 * processes, overwrites the environment that /proc shows, but for where this is set.
 */
export const KEEPS_ENVIRONMENT: Tags = { SPT_NOENV: "1" };

/**
 * Living processes whose environment holds every one of these variables with exactly that value. A daemon that has
 * left its group, its session and its parents still carries them, unless it cleared its environment; that of other
 * users' processes cannot be read. Those that started before `sinceTicks` are not looked at.
 */
export function taggedProcesses(tags: Tags, sinceTicks = 0): ProcStat[] {
  return [...allProcesses()].filter((stat) =>
    isAlive(stat) && stat.start_ticks >= sinceTicks && stat.pid !== Deno.pid &&
    holdsTags(readEnviron(stat.pid), tags)
  );
}

/** True for a process whose environment holds all tags; false where it cannot be read. */
export function isTagged(pid: number, tags: Tags): boolean {
  return holdsTags(readEnviron(pid), tags);
}

/** True where the text of /proc/PID/environ (`NAME=value`, each ended by NUL) holds all tags; see proc(5). */
export function holdsTags(environ: string, tags: Tags): boolean {
  const entries = environ.split("\0");
  const wanted = Object.entries(tags).map(([name, value]) => `${name}=${value}`);
  return wanted.length > 0 && wanted.every((tag) => entries.includes(tag));
}

/** Empty where it cannot be read: the process is gone, or somebody else's. */
function readEnviron(pid: number): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/environ`);
  } catch {
    return "";
  }
}
