/**
 * How often the control groups of a process were held back by their CPU limit. Sources: the kernel's admin-guide/cgroup-v2
 * (cpu.stat, cpu.max) and scheduler/sched-bwc for version 1.
 */
import { join } from "node:path";
import { readKernelFile } from "../base/files.ts";

/** Counted since the groups were made. Only differences mean something. */
export interface CpuThrottling {
  /** Periods of the limit in which the group was to run. */
  readonly periods: number;
  readonly throttled_periods: number;
  /** Added up over CPUs, so that it may exceed the time that passed. */
  readonly throttled_s: number;
}

/**
 * Of the groups of this process and those above it, as far as they have a limit, added up; null where none has. `root` stands
 * before /proc and /sys. Never throws.
 */
export function readCpuThrottling(root = ""): CpuThrottling | null {
  const found = groupFolders(root).map((folder) => parseCpuStat(read(join(folder, "cpu.stat")) ?? ""))
    .filter((stat) => stat !== null);
  if (found.length === 0) return null;
  const sum = (name: keyof CpuThrottling): number => found.reduce((all, stat) => all + stat[name], 0);
  return {
    periods: sum("periods"),
    throttled_periods: sum("throttled_periods"),
    throttled_s: sum("throttled_s"),
  };
}

/** From the text of cpu.stat; null for a group that has and had no limit. Version 1 counts nanoseconds. */
export function parseCpuStat(text: string): CpuThrottling | null {
  const field = (name: string): number | null => {
    const value = new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1];
    return value === undefined ? null : Number(value);
  };
  const periods = field("nr_periods") ?? 0;
  if (periods === 0) return null;
  const us = field("throttled_usec");
  const throttled_s = us === null ? (field("throttled_time") ?? 0) / 1e9 : us / 1e6;
  return { periods, throttled_periods: field("nr_throttled") ?? 0, throttled_s };
}

/** The folders of the groups of this process and of those above it. Inside a container only our own part may be mounted, at the top. */
export function groupFolders(root: string): string[] {
  const groups = read(`${root}/proc/self/cgroup`) ?? "";
  const version2 = /^0::(.*)$/m.exec(groups)?.[1];
  const version1 = /^\d+:(?:[^:]*,)?cpu(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1];
  return [
    ...version2 === undefined ? [] : foldersOn(`${root}/sys/fs/cgroup`, version2),
    ...version1 === undefined ? [] : foldersOn(`${root}/sys/fs/cgroup/cpu`, version1),
  ];
}

function foldersOn(mount: string, group: string): string[] {
  const parts = group.split("/").filter((part) => part !== "" && part !== "..");
  return [mount, ...parts.map((_, at) => join(mount, parts.slice(0, at + 1).join("/")))];
}

function read(path: string): string | null {
  try {
    return readKernelFile(path);
  } catch {
    return null;
  }
}
