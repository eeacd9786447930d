import { namesIn } from "../base/files.ts";
import { tooFewOpenFiles } from "./messages.ts";

/**
 * What a study opens on top of what is open before it begins: locks, journal, a run's log and requests, the pipes of guard,
 * meter and worker, and what looks at /proc for a moment. 11 were seen to do without a meter.
 */
const NEEDED = 16;

/** Why every run would find no descriptor left, as a sentence for people; null where there are enough. */
export function descriptorProblem(): string | null {
  const limit = softLimit();
  const open = namesIn("/proc/self/fd").length;
  if (limit === null || limit - open >= NEEDED) return null;
  return tooFewOpenFiles(limit, open, NEEDED);
}

/** Null where there is none, or the system does not tell (proc(5), /proc/pid/limits). */
function softLimit(): number | null {
  try {
    const found = /^Max open files\s+(\d+)/m.exec(Deno.readTextFileSync("/proc/self/limits"))?.[1];
    return found === undefined ? null : Number(found);
  } catch {
    return null;
  }
}
