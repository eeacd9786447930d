/** The texts of lib/session/submit for people. */
import { plural } from "../../base/text.ts";
import { roughDuration } from "../../base/duration.ts";
import { shellWord } from "../../base/shell_word.ts";
import type { KeptOut } from "../../cluster/slurm/requeue.ts";
import type { AfterRound, Standing } from "./after_round.ts";
import type { RoundResult } from "./rounds.ts";

export function damagedSubmission(path: string): string {
  return `${path} cannot be understood; was it made by a newer llem?`;
}

/** As it reads after "cannot save". */
export const SAVED_SUBMISSION = "the submission";

export function growingStudyAlone(): string {
  return "a study with search or execution.until grows by its own results, so agents cannot share it. " +
    "Run it in a job of your own: sbatch and llem run (docs/signals.md)";
}

export function timeIsTooShort(time_s: number, longest_s: number, least_s: number): string {
  return `--time ${roughDuration(time_s)} is too short: a run may take ${
    roughDuration(longest_s)
  }, and none is begun that ` +
    `may not end in time; give at least ${roughDuration(Math.ceil(least_s / 60) * 60)}, or a shorter ` +
    "execution.experiment_timeout_seconds";
}

export function partitionIsShorter(name: string, limit_s: number, time_s: number): string {
  return `--time ${roughDuration(time_s)} is over the limit of partition ${name}, which is ${
    roughDuration(limit_s)
  }; a ` +
    "shorter one is enough, since the study continues in new jobs, or name another partition: -- --partition=NAME";
}

export const SAVED_MANIFEST = "the manifest";

export function notSubmitted(dir: string): string {
  return `${dir} was not made by llem submit; llem submit STUDY --nodes N --time T makes one, and llem run --join DIR is ` +
    "an agent of any shared study";
}

export function queueIsAway(): string {
  return "squeue does not answer";
}

/** A study whose runs have all ended. */
export function nothingLeft(dir: string, { completed, failed, total }: Standing): string {
  const done = `nothing is left to submit: ${completed} of ${
    plural(total, "run")
  } completed, ${failed} failed`;
  return failed === 0
    ? `${done}; see llem show ${shellWord(dir)}`
    : `${done}; run failed ones again with: llem run --join ${shellWord(dir)} --retry-failed`;
}

export function roundIsTaken(): string {
  return "agents of this study are being submitted by somebody else right now";
}

/** What the job after the agents did. */
export function finished(
  dir: string,
  { after, standing, result }: {
    readonly after: AfterRound;
    readonly standing: Standing | null;
    readonly result: RoundResult | null;
  },
): string {
  const done = standing === null
    ? "no run was made"
    : `${standing.completed} of ${plural(standing.total, "run")} completed, ${standing.failed} failed`;
  const by = `submit more with: llem submit ${shellWord(dir)}`;
  const logs = `${dir}/slurm/agent-*.out says why`;
  switch (after) {
    case "complete":
      return `the study has ended: ${done}`;
    case "stopped":
      return `the study was stopped: ${done}; ${by}`;
    case "cancelled":
      return `agents were cancelled by hand: ${done}; ${by}`;
    case "not_begun":
      return `no agent has begun the study; ${logs}. Then ${by}`;
    case "no_progress":
      return `${done}; the last agents ended no run, so no more are submitted; ${logs}. Then ${by}`;
    case "too_often":
      return `${done}; agents have been submitted too many times, so no more are; ${logs}. Then ${by}`;
    case "again":
      return `${done}; ${again(result, by)}`;
  }
}

function again(result: RoundResult | null, by: string): string {
  switch (result?.kind) {
    case "submitted":
      return `submitted ${plural(result.round.agents, "agent")} for the rest: job ${
        result.round.jobs.join(", ")
      }`;
    case "refused":
    case "absent":
      return `the rest could not be submitted: ${result.text}; ${by}`;
    case "taken":
    case undefined:
      return "the rest has been submitted already";
  }
}

export function requeued(task: string): string {
  return `runs are left: task ${task} goes back into the queue`;
}

export function requeueRefused(words: string): string {
  return `Slurm does not put this task back into the queue: ${words}; what is left is submitted when all agents have ended`;
}

export function keptOutOfQueue(why: KeptOut): string {
  switch (why) {
    case "nothing_left":
      return "no run is left";
    case "stopped":
      return "llem stop has stopped the study: this task does not go back into the queue";
    case "no_progress":
      return "no run has ended since this agent began: its task does not go back into the queue";
    case "too_often":
      return "this task has been requeued too many times: it does not go back into the queue";
  }
}

export function staysStopped(dir: string): string {
  return `llem stop has stopped the study: this agent leaves; continue with: llem submit ${
    shellWord(dir)
  }, or ` +
    `llem run --join ${shellWord(dir)}`;
}

export function goesOnAfterStop(): string {
  return "llem stop had stopped the study; it continues now, for all agents";
}
