import { join } from "node:path";
import { selfProgram } from "../../host/self_program.ts";
import type { Disk } from "../../storage/disk.ts";
import { askFacts } from "../../cluster/slurm/facts.ts";
import { agentScript, finishScript } from "../../cluster/slurm/job_script.ts";
import { submitScript, type Submitted } from "../../cluster/slurm/sbatch.ts";
import type { AskSlurm } from "../../cluster/slurm/slurm_command.ts";
import { beginRound, dropRound, type Round, type RoundResult, saveRound } from "./rounds.ts";
import { saving } from "./saving.ts";
import type { Submission } from "./submission.ts";

/** The scripts of a round, as they stand in the study directory. */
export interface Scripts {
  readonly agents: string;
  readonly finish: string;
}

const AGENTS_SCRIPT = "job.sh";
const FINISH_SCRIPT = "finish.sh";

/** The scripts of a submission for a study directory, with so many agents in one array. */
export function scriptsOf(dir: string, { folder, slurm }: Submission, agents: number): Scripts {
  const { program, args } = selfProgram();
  const job = { dir, working_folder: folder, ...slurm, llem: [program, ...args] };
  return { agents: agentScript({ ...job, agents }), finish: finishScript(job) };
}

/** Sizes of arrays for so many agents: an array holds a limited number of tasks. */
export function arraySizes(agents: number, most: number): number[] {
  const full = Math.floor(agents / most);
  const rest = agents % most;
  return [...Array.from({ length: full }, () => most), ...rest === 0 ? [] : [rest]];
}

/**
 * Submits a round: its scripts and its file first, then the arrays, then the job that comes after them. Where an array is
 * refused or cannot be written down, those that were taken are cancelled. Throws SaveError.
 */
export async function submitRound(
  disk: Disk,
  ask: AskSlurm,
  dir: string,
  submission: Submission,
  begun: Omit<Round, "schema" | "jobs" | "finish_job">,
): Promise<RoundResult> {
  const { max_array_size, preempted_requeue } = await askFacts(ask);
  const round: Round = { schema: "llem.round/1", ...begun, jobs: [], finish_job: null };
  if (!saving(dir, () => beginRound(disk, dir, round))) return { kind: "taken" };
  const write = (name: string, text: string): void =>
    saving(dir, () => disk.replace(join(dir, name), new TextEncoder().encode(text)));
  const jobs: string[] = [];
  const giveUp = async (): Promise<void> => {
    if (jobs.length > 0) await ask("scancel", jobs);
    dropRound(dir, round);
  };
  try {
    for (const size of arraySizes(begun.agents, max_array_size)) {
      write(AGENTS_SCRIPT, scriptsOf(dir, submission, size).agents);
      const taken = await submitScript(ask, join(dir, AGENTS_SCRIPT));
      if (taken.kind !== "taken") {
        await giveUp();
        return taken;
      }
      jobs.push(taken.job);
      // Before anything else can go wrong: who stops the study has to find them.
      saving(dir, () => saveRound(disk, dir, { ...round, jobs }));
    }
    write(FINISH_SCRIPT, scriptsOf(dir, submission, 1).finish);
  } catch (error) {
    await giveUp();
    throw error;
  }
  const finish = await submitFinish(ask, dir, jobs);
  const finish_job = finish.kind === "taken" ? finish.job : null;
  const whole = { ...round, jobs, finish_job };
  saving(dir, () => saveRound(disk, dir, whole));
  return {
    kind: "submitted",
    round: whole,
    trouble: finish.kind === "taken" ? null : finish.text,
    cancels_preempted: !preempted_requeue,
  };
}

function submitFinish(ask: AskSlurm, dir: string, jobs: readonly string[]): Promise<Submitted> {
  return submitScript(ask, join(dir, FINISH_SCRIPT), [`--dependency=afterany:${jobs.join(":")}`]);
}
