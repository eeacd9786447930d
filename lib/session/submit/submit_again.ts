import { CommandError, EXIT } from "../../base/refusal.ts";
import { refuseLineBreaks } from "../../cluster/slurm/job_script.ts";
import { removeStopMark } from "../../cluster/stop_mark.ts";
import type { AskSlurm } from "../../cluster/slurm/slurm_command.ts";
import { realDisk } from "../../storage/disk.ts";
import { nothingLeft, notSubmitted, roundIsTaken } from "./messages.ts";
import { readRounds } from "./rounds.ts";
import { readSubmission } from "./submission.ts";
import { submitRound } from "./submit_round.ts";
import type { SubmittedStudy } from "./submit_study.ts";
import { standingOf } from "./standing.ts";

/** What became of a wish for further agents. */
export interface SubmittedAgain {
  readonly study: SubmittedStudy;
  /** Runs that have not ended. */
  readonly left: number;
  readonly wasStopped: boolean;
}

/** Further agents for a study that was submitted, by a person. Throws CommandError and SaveError. */
export async function submitAgain(
  { dir, nodes, options }: {
    readonly dir: string;
    readonly nodes: number | null;
    readonly options: readonly string[];
  },
  ask: AskSlurm,
): Promise<SubmittedAgain> {
  const kept = readSubmission(dir);
  if (kept === null) throw new CommandError(EXIT.usage, notSubmitted(dir));
  refuseLineBreaks([Deno.realPathSync(dir), ...options]);
  const standing = standingOf(dir);
  if (standing !== null && standing.left === 0) {
    throw new CommandError(standing.failed === 0 ? EXIT.ok : EXIT.runsFailed, nothingLeft(dir, standing));
  }
  const submission = options.length === 0 ? kept : { ...kept, slurm: { ...kept.slurm, options } };
  const left = standing?.left ?? kept.n_runs;
  const wasStopped = removeStopMark(dir);
  const real = Deno.realPathSync(dir);
  const result = await submitRound(realDisk, ask, real, submission, {
    round: (readRounds(dir).at(-1)?.round ?? 0) + 1,
    at: new Date().toISOString(),
    by_job: null,
    agents: Math.min(nodes ?? kept.slurm.nodes, left),
    ended_before: standing?.ended ?? 0,
  });
  switch (result.kind) {
    case "submitted":
      return { study: { dir: real, submission, result }, left, wasStopped };
    case "taken":
      throw new CommandError(EXIT.locked, roundIsTaken());
    case "refused":
      throw new CommandError(EXIT.usage, result.text);
    case "absent":
      throw new CommandError(EXIT.preflight, result.text);
  }
}
