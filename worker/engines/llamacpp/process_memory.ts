/** Memory of this process; null where /proc does not say. */
export interface ProcessMemory {
  /** Resident now (VmRSS): mapped model files count as far as they were touched. */
  readonly rss_bytes: number | null;
  /** Largest so far (VmHWM). */
  readonly peak_rss_bytes: number | null;
}

/** Reads /proc/self/status. */
export function processMemory(): ProcessMemory {
  const status = Deno.readTextFileSync("/proc/self/status");
  const bytes = (field: string): number | null => {
    const [, kib] = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status) ?? [];
    return kib === undefined ? null : Number(kib) * 1024;
  };
  return { rss_bytes: bytes("VmRSS"), peak_rss_bytes: bytes("VmHWM") };
}
