import type { Identify } from "../meter/recorder.ts";
import { descendsFrom } from "../process/ownership.ts";
import { isOfAnotherUser } from "../process/process_group.ts";
import type { Tags } from "../process/tagged.ts";

/**
 * Who a process on a GPU is: the attempt's own by its cage or its descent, else by the tags in its environment, which a
 * process that renames itself overwrites. What was there before the worker is not, but for the server that was started for it. Inside a container the driver names ids
 * of the host, which are nobody here: such a process is assumed to be the attempt's where it came with it. One that /proc
 * hides (hidepid) and that we may not signal is another user's.
 */
export function identifier(
  tags: Tags,
  hasSpawned: () => boolean,
  isOthers: (pid: number) => boolean = isOfAnotherUser,
  serverTags?: Tags,
): Identify {
  return (pid) => {
    const name = commandName(pid);
    if (serverTags !== undefined && descendsFrom(pid, serverTags)) return { name, own: true };
    if (!hasSpawned()) return { name, own: false };
    if (descendsFrom(pid, tags)) return { name, own: true };
    return { name, own: name === null && !isOthers(pid) ? "assumed" : false };
  };
}

/** Null where there is no such process to be seen. */
function commandName(pid: number): string | null {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/comm`).trim();
  } catch {
    return null;
  }
}
