/** Texts of lib/host that people read. */

/** Why memory bandwidth is not known. */
export function notMounted(): string {
  return "resctrl is not mounted at /sys/fs/resctrl";
}

/** Why memory bandwidth is not known. */
export function notReadable(): string {
  return "the memory bandwidth counters of resctrl are not available (mon_data/mon_L3_*/mbm_total_bytes)";
}
