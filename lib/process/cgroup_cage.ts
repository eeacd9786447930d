import { sleep } from "../base/abort.ts";
import { descendants } from "./adopted.ts";
import type { Cage } from "./cage.ts";
import { Cgroup } from "./cgroup.ts";
import { signalGroup } from "./process_group.ts";

/** The killed need a moment to die; what cannot be killed keeps its group, a name in a virtual file system. */
const CLOSE_TRIES = 20;
const CLOSE_PAUSE_MS = 5;

/** A control group for one attempt. Throws what the system threw. */
export function cgroupCage(path: string): Cage {
  const cgroup = Cgroup.make(path);
  return {
    kind: "cgroup",
    cgroup: path,
    helper_pids: [],
    wrap: (spec) => spec,
    // Moved in right after its start rather than started inside by a shell: the errno of a failed start stays the
    // kernel's own. What it forked before the move is moved along.
    admit(pid) {
      cgroup.join(pid);
      for (const child of descendants(pid)) joinIfThere(cgroup, child);
    },
    signal: signalGroup,
    kill(pgid) {
      signalGroup(pgid, "SIGKILL");
      killIfThere(cgroup);
    },
    holds: (pid) => cgroup.holds(pid),
    members: () => cgroup.members(),
    async close() {
      for (let tries = CLOSE_TRIES; tries > 0 && !cgroup.remove(); tries--) {
        killIfThere(cgroup);
        await sleep(CLOSE_PAUSE_MS);
      }
    },
  };
}

/** It may have ended meanwhile (ESRCH). */
function joinIfThere(cgroup: Cgroup, pid: number): void {
  try {
    cgroup.join(pid);
  } catch {
    // Then there is nothing to hold.
  }
}

/** A group that somebody took away holds nothing. */
function killIfThere(cgroup: Cgroup): void {
  try {
    cgroup.kill();
  } catch {
    // The process group is killed in any case, and the sweep looks at what lives.
  }
}
