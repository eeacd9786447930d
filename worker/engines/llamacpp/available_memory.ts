import { smallest } from "../../../lib/base/numbers.ts";

/** Bytes that this process can still take: of the machine, or of its cgroup where that is less; null if unknown. */
export function availableMemoryBytes(): number | null {
  const sizes = [machineBytes(), cgroupBytes()].filter((size) => size !== null);
  return sizes.length === 0 ? null : smallest(sizes);
}

function machineBytes(): number | null {
  const [, kib] = /^MemAvailable:\s+(\d+) kB/m.exec(readText("/proc/meminfo") ?? "") ?? [];
  return kib === undefined ? null : Number(kib) * 1024;
}

/** cgroup v2 only; "max" means no limit. */
function cgroupBytes(): number | null {
  const [, path] = /^0::(.*)$/m.exec(readText("/proc/self/cgroup") ?? "") ?? [];
  const limit = Number(readText(`/sys/fs/cgroup${path}/memory.max`) ?? NaN);
  const used = Number(readText(`/sys/fs/cgroup${path}/memory.current`) ?? NaN);
  return Number.isFinite(limit - used) ? Math.max(0, limit - used) : null;
}

function readText(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return null;
  }
}
