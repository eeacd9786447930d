/** What has gone to and from memory, where the processor counts it. Source: the kernel's arch/x86/resctrl (mon_data). */
import { join } from "node:path";
import { isFolder, namesIn, readKernelFile } from "../base/files.ts";
import { notMounted, notReadable } from "./messages.ts";

/** Bytes since the counters began, of all sockets. Only differences mean something. */
export type MemoryTraffic = { readonly bytes: number } | { readonly reason: string };

/** Reads resctrl's default group, which all processes are in that nobody put elsewhere. Never throws, changes nothing. */
export function readMemoryTraffic(root = ""): MemoryTraffic {
  const folder = `${root}/sys/fs/resctrl/mon_data`;
  if (!isFolder(folder)) return { reason: notMounted() };
  const counts = namesIn(folder).filter((name) => name.startsWith("mon_L3")).map((name) =>
    count(join(folder, name, "mbm_total_bytes"))
  );
  const bytes = counts.reduce((sum: number, value) => sum + value, 0);
  return counts.length === 0 || Number.isNaN(bytes) ? { reason: notReadable() } : { bytes };
}

/** "Unavailable" or "Error" is NaN, as is what cannot be read. */
function count(path: string): number {
  try {
    return Number.parseInt(readKernelFile(path));
  } catch {
    return Number.NaN;
  }
}
