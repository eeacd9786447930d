/** Texts of lib/host that people read. */

/** Why memory bandwidth is not known. */
export function notMounted(): string {
  return "resctrl is not mounted at /sys/fs/resctrl";
}

/** Why memory bandwidth is not known. */
export function notReadable(): string {
  return "the memory bandwidth counters of resctrl are not available (mon_data/mon_L3_*/mbm_total_bytes)";
}

/** The soft limit on open files leaves too few for a study; one line, since it is told as a refusal. */
export function tooFewOpenFiles(limit: number, open: number, needed: number): string {
  return `The limit on open files is too low: ${limit} (ulimit -n), of which ${open} are in use, and a study needs ` +
    `${needed} more. Raise it with: ulimit -n 1024`;
}

/** Workers cannot be started from the study's folder and are started from the user's cache. */
export function startedFromCache(studyDir: string, folder: string): string {
  return `${studyDir} is on a file system mounted noexec: workers are started from ${folder}.`;
}

/** Workers cannot be started from the cache either. */
export function startedFromProgram(studyDir: string, program: string): string {
  return `warning: ${studyDir} is on a file system mounted noexec, and the user's cache cannot be used instead: ` +
    `workers are started from ${program}. Do not replace it while the study runs, or choose another folder with -o.`;
}
