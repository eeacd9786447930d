import { monotonicMs } from "../../base/clock.ts";
import { type AskSlurm, askSlurm } from "../../cluster/slurm/slurm_command.ts";
import { askTimeLeft } from "../../cluster/slurm/facts.ts";
import { arrayTaskOf, taskName } from "../../cluster/slurm/requeue.ts";

/** How long this process may go on beginning runs. */
export interface TimeLeft {
  /** Milliseconds until everything has to be over; null where there is no limit. Never waits. */
  leftMs(): number | null;
  /** Where it comes from, for people: `--for`, `Slurm`; null where there is no limit. */
  readonly by: "--for" | "Slurm" | null;
}

type Env = Readonly<Record<string, string | undefined>>;

/** An administrator may give a job more time. */
const ASK_AGAIN_MS = 10 * 60_000;

/** By `--for`, which holds where both are there and it is shorter, and by the limit of the Slurm job that this runs in. */
export async function openTimeLeft(
  { forSeconds, env, ask = askSlurm }: {
    readonly forSeconds: number | null;
    readonly env: Env;
    readonly ask?: AskSlurm;
  },
): Promise<TimeLeft> {
  const ownEndMs = forSeconds === null ? Infinity : monotonicMs() + forSeconds * 1000;
  const task = arrayTaskOf(env);
  // Asked for a task's own number, squeue lists the whole array where the task has the number of the array.
  const job = task === null ? env["SLURM_JOB_ID"] ?? null : taskName(task);
  let askedMs = monotonicMs();
  let jobEndMs = Infinity;
  const askJob = async (): Promise<void> => {
    if (job === null) return;
    askedMs = monotonicMs();
    const left = await askTimeLeft(ask, job);
    // A controller that does not answer changes nothing.
    if (left !== null) jobEndMs = askedMs + left * 1000;
  };
  await askJob();
  return {
    leftMs: () => {
      const nowMs = monotonicMs();
      if (nowMs - askedMs > ASK_AGAIN_MS) void askJob();
      const endMs = Math.min(ownEndMs, jobEndMs);
      return endMs === Infinity ? null : Math.max(0, endMs - nowMs);
    },
    get by() {
      if (ownEndMs === Infinity && jobEndMs === Infinity) return null;
      return ownEndMs <= jobEndMs ? "--for" : "Slurm";
    },
  };
}
