import { basename, join } from "node:path";
import { readKernelFile } from "../base/files.ts";
import { isAlive, type ProcStat, readProcStat } from "./proc_stat.ts";

/**
 * How often to list a group that is populated until a process is met alive: a link of a chain that forks and dies lives
 * for two milliseconds, and may be gone between the list and the look at it.
 */
const MOST_LOOKS = 10;

/**
 * A control group of version 2 that was made for one attempt: whatever is started inside stays inside, and one write
 * to cgroup.kill ends all of it, however fast it forks. Source: the kernel's admin-guide/cgroup-v2.
 */
export class Cgroup {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Makes the group. Throws what the system threw. */
  static make(path: string): Cgroup {
    Deno.mkdirSync(path);
    return new Cgroup(path);
  }

  /** Moves a process in. What it forked before that stays where it was. Throws what the system threw. */
  join(pid: number): void {
    write(join(this.path, "cgroup.procs"), String(pid));
  }

  /** SIGKILL for all of it, groups below included. Nothing happens where there is nobody. */
  kill(): void {
    write(join(this.path, "cgroup.kill"), "1");
  }

  /** True for a process inside, or in a group below; its name is no other group's. A zombie counts as well. */
  holds(pid: number): boolean {
    try {
      const own = /^0::(.*)$/m.exec(Deno.readTextFileSync(`/proc/${pid}/cgroup`))?.[1] ?? "";
      return own.split(/[/ ]/).includes(basename(this.path));
    } catch {
      return false;
    }
  }

  /** Whatever is alive inside, in groups below as well. */
  members(): ProcStat[] {
    for (let looks = MOST_LOOKS; looks > 0 && this.#isPopulated(); looks--) {
      const living = [...foldersBelow(this.path)].flatMap((folder) => pidsIn(folder)).map(readProcStat)
        .filter((stat) => stat !== null).filter(isAlive);
      if (living.length > 0) return living;
    }
    return [];
  }

  /** Takes the group away with those below; false where something in it still lives. */
  remove(): boolean {
    try {
      // No group is below, as a rule.
      Deno.removeSync(this.path);
      return true;
    } catch {
      return this.#removeAll();
    }
  }

  #removeAll(): boolean {
    try {
      // The deepest first: a folder is listed before those in it.
      for (const folder of [...foldersBelow(this.path)].reverse()) Deno.removeSync(folder);
      return true;
    } catch (error) {
      return error instanceof Deno.errors.NotFound;
    }
  }

  /** The kernel tells at once whether anything lives inside, in groups below as well. */
  #isPopulated(): boolean {
    try {
      return !/^populated 0$/m.test(readKernelFile(join(this.path, "cgroup.events")));
    } catch {
      // Taken away, or not to be read: the lists of processes tell.
      return true;
    }
  }
}

/** CPU time in seconds of all that is or was inside a control group of version 2; null where it cannot be read. */
export function groupCpuSeconds(path: string): number | null {
  try {
    const us = /^usage_usec (\d+)$/m.exec(readKernelFile(join(path, "cpu.stat")))?.[1];
    return us === undefined ? null : Number(us) / 1e6;
  } catch {
    return null;
  }
}

/** Pid and start of the runner, and a number; earlier versions of llem left out the start. */
const ATTEMPT_NAME = /^llem-(\d+)-(?:(\d+)-)?\d+$/;

/** A runner; its start in clock ticks is null where the name of a group does not tell it. */
interface Maker {
  readonly pid: number;
  readonly start_ticks: number | null;
}

/** The name of the `number`th group that a runner makes: no other group of this boot has, had or will have it. */
export function attemptCgroupName({ pid, start_ticks }: ProcStat, number: number): string {
  return `llem-${pid}-${start_ticks}-${number}`;
}

/** The runner that made the group of this name for an attempt; null where it is no such group. */
export function makerOf(name: string): Maker | null {
  const [, pid, start] = ATTEMPT_NAME.exec(name) ?? [];
  return pid === undefined
    ? null
    : { pid: Number(pid), start_ticks: start === undefined ? null : Number(start) };
}

/** The group of an attempt that was made in this boot; null where the path could be of any other group. */
export function attemptCgroup(path: string): Cgroup | null {
  const start = makerOf(basename(path))?.start_ticks ?? null;
  return start === null ? null : new Cgroup(path);
}

/**
 * The control group that this process lives in and may divide, null where there is none: version 2, ours to
 * write (delegated, or we are root), and with cgroup.kill (Linux 5.14).
 */
export function ownCgroup(): string | null {
  try {
    const own = /^0::(.*)$/m.exec(Deno.readTextFileSync("/proc/self/cgroup"))?.[1];
    const mount = cgroup2Mount();
    if (own === undefined || mount === null) return null;
    const path = join(mount, own);
    // Inside a container the two may not belong together; and the guard reads words.
    return pidsIn(path).includes(Deno.pid) && !/[\s|]/.test(path) ? path : null;
  } catch {
    return null;
  }
}

/** Where version 2 is mounted, from mountinfo, proc(5); null where it is not. */
function cgroup2Mount(): string | null {
  const lines = Deno.readTextFileSync("/proc/self/mountinfo").split("\n");
  return lines.find((line) => line.includes(" - cgroup2 "))?.split(" ")[4] ?? null;
}

function pidsIn(folder: string): number[] {
  try {
    return readKernelFile(join(folder, "cgroup.procs")).split("\n").filter((pid) => pid !== "").map(
      Number,
    );
  } catch {
    return [];
  }
}

function* foldersBelow(folder: string): Generator<string> {
  yield folder;
  let names: string[] = [];
  try {
    names = [...Deno.readDirSync(folder)].filter((entry) => entry.isDirectory).map((entry) => entry.name);
  } catch {
    return;
  }
  for (const name of names) yield* foldersBelow(join(folder, name));
}

/** The kernel's files take one write, and must not be created where they are missing. */
function write(path: string, text: string): void {
  using file = Deno.openSync(path, { write: true });
  file.writeSync(new TextEncoder().encode(text));
}
