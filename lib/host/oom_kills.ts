/**
 * What the kernel tells about its out-of-memory killer. Sources: proc(5) for /proc/vmstat, cgroups(7), the kernel's
 * admin-guide cgroup-v2 (memory.events) and cgroup-v1/memory (memory.oom_control), syslog(2).
 */
import { join } from "node:path";
import { readKernelFile } from "../base/files.ts";
import { libc } from "../base/libc.ts";

/** Processes that the OOM killer has taken so far; null where the kernel does not tell. Only differences mean something. */
export interface OomKills {
  /**
   * In the memory cgroup of this process: with cgroup v2 also in the groups below it, with v1 in this one alone.
   */
  readonly own: number | null;
  /** On the whole machine, whoever they belonged to. */
  readonly machine: number | null;
}

let ownFile: string | null | undefined;

/** Reads the counters: two small files, some 50 microseconds. Never throws. */
export function readOomKills(): OomKills {
  if (ownFile === undefined) {
    ownFile = oomCounterFile(read("/proc/self/cgroup") ?? "", read("/proc/self/mountinfo") ?? "");
  }
  return {
    own: ownFile === null ? null : countIn(read(ownFile)),
    machine: countIn(read("/proc/vmstat")),
  };
}

/** How many of a control group of version 2, or below it, were taken so far; null where its memory is not watched. */
export function groupOomKills(path: string): number | null {
  return countIn(read(join(path, "memory.events")));
}

/**
 * The file that counts the OOM kills of a process's memory cgroup, from its /proc/PID/cgroup and mountinfo; null where
 * no memory controller is mounted. Inside a container only part of the hierarchy may be mounted.
 */
export function oomCounterFile(cgroups: string, mountinfo: string): string | null {
  const lines = cgroups.split("\n").map((line) => /^\d+:([^:]*):(.*)$/.exec(line));
  const pathOf = (wanted: (controllers: string) => boolean): string | null =>
    lines.find((match) => match !== null && wanted(match[1] ?? ""))?.[2] ?? null;
  const v1 = pathOf((controllers) => controllers.split(",").includes("memory"));
  if (v1 !== null) return fileIn(v1, mountinfo, /^cgroup .*\bmemory\b/, "memory.oom_control");
  const v2 = pathOf((controllers) => controllers === "");
  return v2 === null ? null : fileIn(v2, mountinfo, /^cgroup2 /, "memory.events");
}

/** Fields of a mountinfo line, proc(5): root within the file system, mount point; after " - " type, source, options. */
function fileIn(path: string, mountinfo: string, mounted: RegExp, name: string): string | null {
  for (const line of mountinfo.split("\n")) {
    const [mount = "", what = ""] = line.split(" - ");
    if (!mounted.test(what)) continue;
    const [, , , root = "/", mountPoint = ""] = mount.split(" ");
    const isBelow = root !== "/" && (path === root || path.startsWith(`${root}/`));
    return join(mountPoint, isBelow ? path.slice(root.length) : path, name);
  }
  return null;
}

/** The first pid namespace of a machine has this inode (PROC_PID_INIT_INO): only there are the log's pids ours. */
const FIRST_PID_NAMESPACE = "pid:[4026531836]";
const SYSLOG_ACTION_READ_ALL = 3;
/** The end of the log is enough: it is read right after the kill. One report of the OOM killer takes up to 100 kB. */
const LOG_BYTES = 512 * 1024;

/**
 * Whether the kernel's log says that the OOM killer took this process; null where it cannot be read or does not speak of
 * our pids. Reading all of the log takes about a millisecond: only for a process that somebody has killed.
 */
export function isNamedVictim(pid: number): boolean | null {
  if (readLink("/proc/self/ns/pid") !== FIRST_PID_NAMESPACE) return null;
  const bytes = new Uint8Array(LOG_BYTES);
  // Not /dev/kmsg: Deno cannot open it without blocking at its end, and it gives one record a read.
  const length = libc().klogctl(SYSLOG_ACTION_READ_ALL, bytes, bytes.length);
  if (length < 0) return null;
  return namesVictim(new TextDecoder().decode(bytes.subarray(0, length)), pid);
}

/** Reads such lines as `Memory cgroup out of memory: Killed process 7 (python3) total-vm:...`. */
export function namesVictim(log: string, pid: number): boolean {
  return new RegExp(`\\bKilled process ${pid}\\b`).test(log);
}

function countIn(text: string | null): number | null {
  const count = /^oom_kill (\d+)$/m.exec(text ?? "")?.[1];
  return count === undefined ? null : Number(count);
}

function read(path: string): string | null {
  try {
    return readKernelFile(path);
  } catch {
    return null;
  }
}

function readLink(path: string): string | null {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return null;
  }
}
