/** CPU time of a process with all its threads, in user and kernel, s; 0 once it is gone. proc(5). */
export function cpuSeconds(pid: number): number {
  return statOf(pid)?.cpu_s ?? 0;
}

/** The same of a process group. */
export function groupCpuSeconds(pgid: number): number {
  const pids = [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter(Number.isInteger);
  return pids.map(statOf).filter((stat) => stat?.pgrp === pgid).reduce(
    (sum, stat) => sum + (stat?.cpu_s ?? 0),
    0,
  );
}

/** Clock ticks are 10 ms on every Linux that llem runs on. */
function statOf(pid: number): { readonly pgrp: number; readonly cpu_s: number } | null {
  try {
    const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ").map(Number) ??
      [];
    const [, , pgrp = 0] = fields;
    const [utime = 0, stime = 0] = fields.slice(11, 13);
    return { pgrp, cpu_s: (utime + stime) / 100 };
  } catch {
    return null;
  }
}
