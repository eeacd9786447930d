/**
 * CPU time of the machine's CPUs, /proc/stat. Sources: proc(5); the kernel's filesystems/proc ("1.7 Miscellaneous kernel
 * statistics in /proc/stat"). Null is what cannot be told.
 */
import { readKernelFile } from "../base/files.ts";
import { TICKS_PER_S } from "../base/proc_file.ts";

/** CPU seconds since boot, of all CPUs that this process may use. Only differences mean something. */
export interface CpuTime {
  /** The CPUs counted. */
  readonly cpus: number;
  /** User, nice, system and interrupts. */
  readonly busy_s: number;
  /** In which the hypervisor ran something else although this machine had work. */
  readonly steal_s: number;
}

/** Reads these CPUs or, with null, those that this process may use; never throws. `root` stands before /proc. */
export function readCpuTime(root = "", cpus: readonly number[] | null = null): CpuTime | null {
  try {
    return parseCpuTime(
      readKernelFile(`${root}/proc/stat`),
      cpus === null ? usableCpus(root) : new Set(cpus),
    );
  } catch {
    return null;
  }
}

/** From the text of /proc/stat; with null, of all CPUs. */
export function parseCpuTime(stat: string, usable: ReadonlySet<number> | null): CpuTime | null {
  let [cpus, busy, steal] = [0, 0, 0];
  for (const line of stat.split("\n")) {
    const [, cpu, times = ""] = /^cpu(\d+) (.*)$/.exec(line) ?? [];
    if (cpu === undefined || usable !== null && !usable.has(Number(cpu))) continue;
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, stolen = 0] = times.split(" ").map(
      Number,
    );
    cpus += 1;
    busy += user + nice + system + irq + softirq;
    steal += stolen;
  }
  const isWhole = cpus > 0 && Number.isFinite(busy + steal);
  return isWhole ? { cpus, busy_s: busy / TICKS_PER_S, steal_s: steal / TICKS_PER_S } : null;
}

/** The numbers of a list such as `0-3,8`; see cpuset(7), List format. Null where it is none. */
export function parseCpuList(text: string): Set<number> | null {
  const cpus = new Set<number>();
  for (const range of text.trim().split(",")) {
    const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
    if (from === undefined) return null;
    for (let cpu = Number(from); cpu <= Number(to); cpu++) cpus.add(cpu);
  }
  return cpus;
}

/** By taskset(1) and by cpuset, as the kernel has put both together for this process; null where it does not tell. */
function usableCpus(root: string): Set<number> | null {
  const status = readKernelFile(`${root}/proc/self/status`);
  return parseCpuList(/^Cpus_allowed_list:\s*(.*)$/m.exec(status)?.[1] ?? "");
}
