import { allProcesses, type ProcStat } from "../../lib/process/proc_stat.ts";

/** The descendants of a process, nearest first. One that lost its parents is not among them. */
export function processesBelow(pid: number): ProcStat[] {
  const children = Map.groupBy(allProcesses(), ({ ppid }) => ppid);
  const found = [...children.get(pid) ?? []];
  // The list grows while it is walked.
  for (const { pid } of found) found.push(...children.get(pid) ?? []);
  return found;
}
