import { signalGroup } from "./process_group.ts";
import type { ProcStat } from "./proc_stat.ts";
import type { SignalName } from "./signal_numbers.ts";
import type { ProcessSpec } from "./spawn.ts";

/** How a process and what it starts are held together; see containment.ts for which is taken when. */
export type Containment = "group" | "cgroup" | "pidns";

/**
 * What holds a process and everything that it starts, so that what leaves its process group is found and killed as
 * well. Made before the process is started, closed when nothing of it is left.
 */
export interface Cage {
  readonly kind: Containment;
  /** The control group that dies with one write, for the guard; null where there is none. */
  readonly cgroup: string | null;
  /** Processes of ours that keep the cage up; they are no part of what it holds. */
  readonly helper_pids: readonly number[];
  /** The program to start so that what was asked for is born inside. */
  wrap(spec: ProcessSpec): ProcessSpec;
  /** Takes a started worker in, with what it has started by then. Throws where the system refuses. */
  admit(pid: number): void;
  /** A signal that the worker may answer to, for its whole group. */
  signal(pgid: number, signal: SignalName): void;
  /** SIGKILL for everything inside, wherever it has gone. */
  kill(pgid: number): void;
  /** True for a process that is certainly inside; false also where the cage cannot tell. */
  holds(pid: number): boolean;
  /** What lives inside, in the worker's group or out of it; empty where only the group is known. */
  members(): ProcStat[];
  /** Ends the cage with everything that is still in it. Does not wait for what cannot be killed. */
  close(): Promise<void>;
}

/** The process group alone: what left it is found by descent, once the worker has ended. Works everywhere. */
export const groupCage: Cage = {
  kind: "group",
  cgroup: null,
  helper_pids: [],
  wrap: (spec) => spec,
  admit: () => {},
  signal: signalGroup,
  kill: (pgid) => signalGroup(pgid, "SIGKILL"),
  holds: () => false,
  members: () => [],
  close: () => Promise.resolve(),
};
