/**
 * Which CPUs belong together: cores with their hardware threads, NUMA nodes, and what is near a PCI device. Source: the
 * kernel's admin-guide/cputopology and ABI/stable/sysfs-devices-node, ABI/testing/sysfs-bus-pci.
 */
import { join } from "node:path";
import { readKernelFile } from "../base/files.ts";
import { pciKey } from "./gpus.ts";
import { readCpuQuota } from "./cpu_quota.ts";

/** A core, as far as this process may use it. */
export interface Core {
  /** Its hardware threads that are allowed, ascending; never empty. */
  readonly cpus: readonly number[];
  /** Its socket; null where that is not told. */
  readonly socket: number | null;
  /** Its NUMA node; null where the machine tells of none. */
  readonly node: number | null;
}

/** The CPUs that this process may use. */
export interface CpuTopology {
  /** In the order of their first CPUs. */
  readonly cores: readonly Core[];
  /** CPUs whose time is granted, which may be fewer and a fraction; null for all of them. */
  readonly granted: number | null;
  /** True where these are all CPUs of the machine, all of the time: what is kept to a part of it has that part to itself. */
  readonly is_whole: boolean;
}

/** Where a device of the PCI bus is. */
export interface DevicePlace {
  /** Null on a machine that has no nodes, and where the firmware tells none. */
  readonly node: number | null;
  /** CPUs that are near it, ascending; empty where that is not told. */
  readonly cpus: readonly number[];
}

/** Of the CPUs that are allowed (sched_getaffinity(2)). `root` stands before /proc and /sys. Never throws. */
export function readCpuTopology(allowed: readonly number[], root = ""): CpuTopology {
  const nodes = readNodes(root);
  const cores = new Map<string, { cpus: number[]; socket: number | null; node: number | null }>();
  for (const cpu of [...allowed].sort((one, other) => one - other)) {
    const folder = `${root}/sys/devices/system/cpu/cpu${cpu}/topology`;
    const siblings = read(join(folder, "core_cpus_list")) ?? read(join(folder, "thread_siblings_list")) ??
      `${cpu}`;
    const core = cores.get(siblings);
    if (core !== undefined) core.cpus.push(cpu);
    else {
      const socket = numberIn(join(folder, "physical_package_id"));
      cores.set(siblings, { cpus: [cpu], socket, node: nodes.get(cpu) ?? null });
    }
  }
  const granted = readCpuQuota(root);
  const online = parseCpuList(read(`${root}/sys/devices/system/cpu/online`) ?? "");
  const is_whole = granted === null && online.length > 0 && online.every((cpu) => allowed.includes(cpu));
  return { cores: [...cores.values()], granted, is_whole };
}

/** By its address, such as `0000:c1:00.0`, also as NVML writes it. Never throws. */
export function readDevicePlace(bus: string, root = ""): DevicePlace {
  const folder = `${root}/sys/bus/pci/devices/${pciKey(bus) ?? bus}`;
  return {
    node: numberIn(join(folder, "numa_node")),
    cpus: parseCpuList(read(join(folder, "local_cpulist")) ?? ""),
  };
}

/** `0-3,8,10-11` as numbers, ascending; what is none is left out. cpuset(7), list format. */
export function parseCpuList(text: string): number[] {
  const ranges = text.trim().split(",").map((part) => /^(\d+)(?:-(\d+))?$/.exec(part.trim()));
  const cpus = ranges.flatMap((range) => {
    const first = Number(range?.[1] ?? NaN);
    const last = Number(range?.[2] ?? first);
    return last >= first ? Array.from({ length: last - first + 1 }, (_, at) => first + at) : [];
  });
  return [...new Set(cpus)].sort((one, other) => one - other);
}

/** The node of each CPU. */
function readNodes(root: string): Map<number, number> {
  const folder = `${root}/sys/devices/system/node`;
  const nodes = namesIn(folder).map((name) => /^node(\d+)$/.exec(name)?.[1]).filter((id) => id !== undefined);
  return new Map(nodes.flatMap((id) => {
    const cpus = parseCpuList(read(`${folder}/node${id}/cpulist`) ?? "");
    return cpus.map((cpu) => [cpu, Number(id)] as const);
  }));
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return [];
  }
}

/** Null also for -1, by which the kernel says that there is none. */
function numberIn(path: string): number | null {
  const text = read(path) ?? "";
  return /^\d+$/.test(text) ? Number(text) : null;
}

function read(path: string): string | null {
  try {
    return readKernelFile(path).trim();
  } catch {
    return null;
  }
}
