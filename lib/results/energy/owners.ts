import type { SeenProcess } from "../../meter/recording.ts";

/**
 * Whose the processes on the boards were. Where one of the run was seen as such, the run's processes can be seen from here:
 * one that cannot be seen is another's then, although it came with the run.
 */
export function decideOwners(processes: readonly SeenProcess[]): readonly SeenProcess[] {
  if (!processes.some(({ own }) => own === true)) return processes;
  return processes.map((process) => process.own === "assumed" ? { ...process, own: false } : process);
}
