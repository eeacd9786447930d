/** What the processors of this machine can do, by the kernel's names (`avx2`); empty where it does not say. Never throws. */
export function processorFlags(path = "/proc/cpuinfo"): ReadonlySet<string> {
  try {
    const line = /^flags\s*:\s*(.*)$/m.exec(Deno.readTextFileSync(path))?.[1] ?? "";
    return new Set(line.split(/\s+/).filter((flag) => flag !== ""));
  } catch {
    return new Set();
  }
}
