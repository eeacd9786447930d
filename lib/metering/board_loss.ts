import type { SeenProcess } from "../meter/recording.ts";
import { decideOwners } from "../results/energy/owners.ts";

/** What is known by now of the boards that a run uses. */
export interface BoardUse {
  /** False where its engine, or its worker's hello, names only CPUs. */
  readonly uses_gpu: boolean;
  /** What was seen on boards since it began. */
  readonly processes: readonly SeenProcess[];
  /** The uuids of the boards that it may use; null: all. */
  readonly run_devices: readonly string[] | null;
}

/**
 * True where the loss of a board ends a run: its processes were on that board or, as long as none was seen on any, the board
 * is among those that it was given. Of a run that was given none, and was seen on none, it is not known: it goes on.
 */
export function endsRun(lost: string, { uses_gpu, processes, run_devices }: BoardUse): boolean {
  if (!uses_gpu || run_devices?.includes(lost) === false) return false;
  const used = decideOwners(processes).filter(({ own }) => own !== false);
  if (used.length > 0) return used.some(({ device }) => device === lost);
  return run_devices !== null;
}
