import type { AskSlurm, SlurmAnswer } from "./slurm_command.ts";

/** The task of an array that this process runs in. */
export interface ArrayTask {
  /** Of the array. One of its tasks has this number as its own job as well. */
  readonly array: string;
  readonly index: string;
  /** How often it was put back into the queue. */
  readonly restarts: number;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Null outside a task of an array. */
export function arrayTaskOf(env: Env): ArrayTask | null {
  const { SLURM_ARRAY_JOB_ID: array, SLURM_ARRAY_TASK_ID: index, SLURM_RESTART_COUNT = "0" } = env;
  if (array === undefined || index === undefined || !/^\d+$/.test(array) || !/^\d+$/.test(index)) return null;
  return { array, index, restarts: Number(SLURM_RESTART_COUNT) || 0 };
}

/** What Slurm's commands call a task, and no other. */
export function taskName({ array, index }: ArrayTask): string {
  return `${array}_${index}`;
}

/**
 * Puts a task back into the queue, also the one that this process runs in, which is killed then. By its number in the array:
 * `scontrol requeue $SLURM_JOB_ID` requeues the whole array where the task's own number is that of the array.
 */
export function requeue(ask: AskSlurm, task: ArrayTask): Promise<SlurmAnswer> {
  return ask("scontrol", ["requeue", taskName(task)]);
}

/** How often a task puts itself back into the queue. */
export const MOST_RESTARTS = 20;

/** Why a task does not put itself back into the queue; null where it does. */
export type KeptOut = "nothing_left" | "stopped" | "no_progress" | "too_often";

/**
 * What an agent in a task does once it has been drained. `ended`: the runs of the study that have ended since it began, by
 * whomever: a queue that brings nothing is left.
 */
export function keptOut(
  { left, ended, isStopped, restarts }: {
    readonly left: number;
    readonly ended: number;
    readonly isStopped: boolean;
    readonly restarts: number;
  },
): KeptOut | null {
  if (left === 0) return "nothing_left";
  if (isStopped) return "stopped";
  if (ended === 0) return "no_progress";
  return restarts >= MOST_RESTARTS ? "too_often" : null;
}
