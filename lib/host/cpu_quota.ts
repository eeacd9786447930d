import { join } from "node:path";
import { smallest } from "../base/numbers.ts";
import { readKernelFile } from "../base/files.ts";
import { groupFolders } from "./cpu_throttling.ts";

/**
 * CPUs whose time the control groups of this process grant, which may be a fraction: the least of all groups that have a
 * limit; null where none has. `root` stands before /proc and /sys. Sources: the kernel's admin-guide/cgroup-v2 (cpu.max) and
 * scheduler/sched-bwc for version 1. Never throws.
 */
export function readCpuQuota(root = ""): number | null {
  const limits = groupFolders(root).map((folder) => limitOf(folder)).filter((limit) => limit !== null);
  return limits.length === 0 ? null : smallest(limits);
}

/** `max` and -1 are no limit. */
function limitOf(folder: string): number | null {
  const [quota, period] = read(join(folder, "cpu.max"))?.split(" ") ??
    [read(join(folder, "cpu.cfs_quota_us")), read(join(folder, "cpu.cfs_period_us"))];
  const limit = Number(quota ?? NaN) / Number(period ?? NaN);
  return limit > 0 ? limit : null;
}

function read(path: string): string | null {
  try {
    return readKernelFile(path).trim();
  } catch {
    return null;
  }
}
