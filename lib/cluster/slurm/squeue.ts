import type { AskSlurm } from "./slurm_command.ts";

/** One job or task of an array that Slurm still knows. */
export interface QueuedTask {
  /** `12_3`, or `12` where the job is no array. */
  readonly id: string;
  /** The job, or the array, without its task. */
  readonly job: string;
  /** `PENDING`, `RUNNING`, ... */
  readonly state: string;
  /** Why it waits, in Slurm's words; empty where it does not. */
  readonly reason: string;
  /** Where it runs; empty where it does not. */
  readonly nodes: string;
}

/**
 * What Slurm knows of some jobs, with one question for all of them; null where the controller does not answer, which says
 * nothing about the jobs. A job that is not listed has ended, or was cancelled; with `ended` those that ended lately are
 * listed as well.
 */
export async function askQueue(
  ask: AskSlurm,
  jobs: readonly string[],
  { ended = false }: { readonly ended?: boolean } = {},
): Promise<QueuedTask[] | null> {
  if (jobs.length === 0) return [];
  const states = ended ? ["-t", "all"] : [];
  const answer = await ask("squeue", ["-h", "-r", ...states, "-j", jobs.join(","), "-o", FORMAT]);
  if (answer.kind === "ok") return readQueue(answer.text);
  // One unknown job is an error, several of them are none: squeue(1) of 22.05.
  return answer.kind === "refused" && /invalid job id/i.test(answer.text) ? [] : null;
}

/** Fields that every release since 14 has, in text: the shape of its JSON changes from release to release. */
const FORMAT = "%i|%T|%r|%N";

/** The lines of that format. What is none of them is left out. */
export function readQueue(text: string): QueuedTask[] {
  return text.split("\n").flatMap((line) => {
    const [id = "", state = "", reason = "", nodes = ""] = line.trim().split("|");
    const job = /^(\d+)(?:_\d+|_\[.*\])?$/.exec(id)?.[1];
    if (job === undefined || !/^[A-Z_]+$/.test(state)) return [];
    return [{ id, job, state, reason: state === "PENDING" ? reason : "", nodes }];
  });
}

/** Waits longer from question to question, so that a study does not load the controller: 15 s to 5 minutes. */
export function backoffMs(questions: number): number {
  return Math.min(Math.round(15_000 * 1.6 ** questions), 300_000);
}
