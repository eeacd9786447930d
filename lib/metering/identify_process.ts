import type { Identify } from "../meter/recorder.ts";
import { descendsFrom } from "../process/ownership.ts";
import { isOfAnotherUser } from "../process/process_group.ts";
import type { Tags } from "../process/tagged.ts";
import type { BesideServer } from "./run_server.ts";

/** What the processes of an attempt are known by. */
export interface KnownProcesses {
  /** Variables in the environment of its worker's. */
  readonly tags: Tags;
  /** Those of the server that llem started for it; left out where there is none. */
  readonly serverTags?: Tags;
  /** Processes that cannot be seen from here and came while that server started. */
  readonly cameWithServer?: ReadonlySet<number>;
  /** True from the moment on in which what comes may be the attempt's. */
  readonly hasSpawned: () => boolean;
  /** Tells a process of another user that /proc hides. */
  readonly isOthers?: (pid: number) => boolean;
}

/**
 * Who a process on a GPU is: the attempt's own by its cage or its descent, else by the tags in its environment, which a
 * process that renames itself overwrites. What was there before the worker is not, but for the server that was started for
 * it. Inside a container the driver names ids of the host, which are nobody here: such a process is assumed to be the
 * attempt's where it came with it. One that /proc hides (hidepid) and that we may not signal is another user's.
 */
export function identifier(
  { tags, serverTags, cameWithServer, hasSpawned, isOthers = isOfAnotherUser }: KnownProcesses,
): Identify {
  return (pid) => {
    const name = commandName(pid);
    if (serverTags !== undefined && descendsFrom(pid, serverTags)) return { name, own: true };
    if (name === null && cameWithServer?.has(pid) === true) return { name, own: "assumed" };
    if (descendsFrom(pid, tags)) return { name, own: true };
    if (!hasSpawned()) return { name, own: false };
    return { name, own: name === null && !isOthers(pid) ? "assumed" : false };
  };
}

/**
 * The same where the work is that of a server which is not llem's: its processes, and what was on the boards before the run
 * and may be the server's too. What came later is not.
 */
export function besideIdentifier(server: Pick<BesideServer, "holds">, hasSpawned: () => boolean): Identify {
  return (pid) => {
    const name = commandName(pid);
    if (server.holds(pid)) return { name, own: true };
    return { name, own: hasSpawned() ? false : "assumed" };
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
