/**
 * What /proc and /sys tell of the hardware that numbers depend on. Sources: proc(5); the kernel's admin-guide for
 * cpufreq, cputopology, cgroup-v1 and cgroup-v2; sysfs-class-dmi. Null is what cannot be told.
 */
import { smallest } from "../base/numbers.ts";
import { namesIn } from "../base/files.ts";
import { join } from "node:path";

export interface Machine {
  /** How the CPUs choose their clock: one word, or how many CPUs have which: `performance 8, powersave 8`. */
  readonly cpu_governor: string | null;
  /** Physical cores. */
  readonly cpu_cores: number | null;
  /** True where a core runs several threads. */
  readonly smt: boolean | null;
  readonly numa_nodes: number | null;
  /** True where the CPU may clock above its base. */
  readonly boost: boolean | null;
  readonly swap_bytes: number | null;
  readonly swap_used_bytes: number | null;
  /** `tsc` where reading the clock is cheap; anything else costs system calls. */
  readonly clock_source: string | null;
  /** True inside a virtual machine. */
  readonly hypervisor: boolean | null;
  /** The maker's name of the machine; of a virtual one the hypervisor's. */
  readonly product: string | null;
  /** What our control group grants: CPUs, and bytes; null for no limit, or none that can be told. */
  readonly limits: { readonly cpus: number | null; readonly memory_bytes: number | null };
}

/** Looks at the machine; `root` stands before /proc and /sys. Never throws. */
export function readMachine(root = "/"): Machine {
  const read = (path: string): string | null => readFile(join(root, path));
  const cpuinfo = read("proc/cpuinfo") ?? "";
  const meminfo = read("proc/meminfo") ?? "";
  const swap = kib(meminfo, "SwapTotal");
  const free = kib(meminfo, "SwapFree");
  const smt = read("sys/devices/system/cpu/smt/active");
  const flags = /^flags\s*:.*$/m.exec(cpuinfo)?.[0];
  return {
    cpu_governor: governor(root),
    cpu_cores: cores(cpuinfo),
    smt: smt === null ? null : smt === "1",
    numa_nodes: numaNodes(root),
    boost: boost(read),
    swap_bytes: swap,
    swap_used_bytes: swap === null || free === null ? null : swap - free,
    clock_source: read("sys/devices/system/clocksource/clocksource0/current_clocksource"),
    hypervisor: flags === undefined ? null : /\bhypervisor\b/.test(flags),
    product: read("sys/class/dmi/id/product_name"),
    limits: limits(root, read),
  };
}

/** CPUs that the control groups of this process grant, as a number that may be a fraction; null for no limit. Never throws. */
export function readCpuLimit(root = "/"): number | null {
  return limits(root, (path) => readFile(join(root, path))).cpus;
}

/** One value where all agree, else how many have which. */
export function countByValue(values: readonly string[]): string | null {
  const counts = Map.groupBy(values, (value) => value);
  if (counts.size < 2) return values[0] ?? null;
  return [...counts].map(([value, same]) => `${value} ${same.length}`).sort().join(", ");
}

function governor(root: string): string | null {
  const folder = join(root, "sys/devices/system/cpu");
  const cpus = namesIn(folder).filter((name) => /^cpu\d+$/.test(name));
  const found = cpus.map((cpu) => readFile(join(folder, cpu, "cpufreq/scaling_governor")));
  return countByValue(found.filter((value) => value !== null));
}

function cores(cpuinfo: string): number | null {
  const blocks = cpuinfo.split(/\n\s*\n/).map((block) => {
    const id = (key: string): string | undefined =>
      new RegExp(`^${key}\\s*:\\s*(\\d+)`, "m").exec(block)?.[1];
    const core = id("core id");
    return core === undefined ? null : `${id("physical id") ?? "0"}:${core}`;
  });
  const seen = new Set(blocks.filter((core) => core !== null));
  return seen.size === 0 ? null : seen.size;
}

function numaNodes(root: string): number | null {
  const nodes = namesIn(join(root, "sys/devices/system/node")).filter((name) => /^node\d+$/.test(name));
  return nodes.length === 0 ? null : nodes.length;
}

function boost(read: (path: string) => string | null): boolean | null {
  const noTurbo = read("sys/devices/system/cpu/intel_pstate/no_turbo");
  if (noTurbo !== null) return noTurbo === "0";
  const state = read("sys/devices/system/cpu/cpufreq/boost");
  return state === null ? null : state === "1";
}

function limits(root: string, read: (path: string) => string | null): Machine["limits"] {
  const own = /^0::(.*)$/m.exec(read("proc/self/cgroup") ?? "")?.[1];
  // Version 2: every group above limits as well. Inside a container only our own part may be mounted.
  const parts = (own ?? "").split("/").filter((part) => part !== "" && part !== "..");
  const groups = own === undefined ? [] : parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  const folders = ["", ...groups].map((group) => join(root, "sys/fs/cgroup", group));
  const values = (file: string): string[] =>
    folders.map((folder) => readFile(join(folder, file))).filter((value) => value !== null);
  const cpus = values("cpu.max").map((text) => quota(text.split(" ")[0], text.split(" ")[1]));
  const memory = values("memory.max").map(amount);
  const v1 = (file: string): string => read(join("sys/fs/cgroup", file)) ?? "";
  return {
    cpus: least([...cpus, quota(v1("cpu/cpu.cfs_quota_us"), v1("cpu/cpu.cfs_period_us"))]),
    memory_bytes: least([...memory, amount(v1("memory/memory.limit_in_bytes"))]),
  };
}

function quota(used: string | undefined, period: string | undefined): number | null {
  const cpus = Number(used) / Number(period);
  return Number.isFinite(cpus) && cpus > 0 ? cpus : null;
}

/** Version 1 writes "no limit" as a number that no machine has. */
function amount(text: string): number | null {
  return /^\d+$/.test(text) && Number(text) < 2 ** 62 ? Number(text) : null;
}

function least(values: readonly (number | null)[]): number | null {
  const limits = values.filter((value) => value !== null);
  return limits.length === 0 ? null : smallest(limits);
}

function kib(meminfo: string, key: string): number | null {
  const text = new RegExp(`^${key}:\\s+(\\d+) kB`, "m").exec(meminfo)?.[1];
  return text === undefined ? null : Number(text) * 1024;
}

function readFile(path: string): string | null {
  try {
    return Deno.readTextFileSync(path).trim() || null;
  } catch {
    return null;
  }
}
