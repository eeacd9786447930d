import { allProcesses, isAlive, readProcStat } from "../../lib/process/proc_stat.ts";

/** A process that was seen once: told from a later one of the same pid by its start. */
export interface SeenProcess {
  readonly pid: number;
  readonly start_ticks: number;
}

/**
 * The living processes that carry a study's mark in their environment: its workers and whatever descends from them
 * and kept its environment. The runner and its guard do not carry it.
 */
export function studyProcesses(studyDir: string): SeenProcess[] {
  return [...allProcesses()].filter((stat) => isAlive(stat) && carriesMark(stat.pid, studyDir));
}

/** Those of the processes that still live. */
export function stillAlive(processes: readonly SeenProcess[]): SeenProcess[] {
  return processes.filter(({ pid, start_ticks }) => {
    const stat = readProcStat(pid);
    return isAlive(stat) && stat?.start_ticks === start_ticks;
  });
}

function carriesMark(pid: number, studyDir: string): boolean {
  try {
    const environment = Deno.readTextFileSync(`/proc/${pid}/environ`);
    return environment.split("\0").includes(`LLEM_STUDY_DIR=${studyDir}`);
  } catch {
    // It is gone, or another user's and therefore none of ours.
    return false;
  }
}
