import { readStopMark } from "../../cluster/stop_mark.ts";
import { arrayTaskOf, type KeptOut, keptOut, requeue, taskName } from "../../cluster/slurm/requeue.ts";
import type { AskSlurm } from "../../cluster/slurm/slurm_command.ts";
import { keptOutOfQueue, requeued, requeueRefused } from "./messages.ts";
import { readRounds } from "./rounds.ts";
import { standingOf } from "./standing.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** True where this process is an agent of a submission: a task of one of its arrays. */
export function isSubmittedAgent(dir: string, env: Env): boolean {
  const task = arrayTaskOf(env);
  return task !== null && readRounds(dir).some(({ jobs }) => jobs.includes(task.array));
}

/**
 * The end of an agent that was drained, by USR2 or as its time was over: with work left its task goes back into the queue,
 * where it waits for another node. Everything is saved and every claim given back by now, since Slurm ends this process. Returns
 * what there is to say; null where this is no task of a submission. `endedBefore`: runs that had ended when it began.
 */
export async function leaveTask(
  dir: string,
  env: Env,
  endedBefore: number,
  ask: AskSlurm,
): Promise<string | null> {
  const task = arrayTaskOf(env);
  if (task === null || !isSubmittedAgent(dir, env)) return null;
  const standing = standingOf(dir);
  const why: KeptOut | null = keptOut({
    left: standing?.left ?? 0,
    ended: (standing?.ended ?? 0) - endedBefore,
    isStopped: readStopMark(dir) !== null,
    restarts: task.restarts,
  });
  if (why !== null) return keptOutOfQueue(why);
  const answer = await requeue(ask, task);
  return answer.kind === "ok" ? requeued(taskName(task)) : requeueRefused(answer.text);
}
