import { ownVariable } from "../../base/own_environment.ts";
import { CommandError, EXIT } from "../../base/refusal.ts";
import { askQueue, backoffMs } from "../../cluster/slurm/squeue.ts";
import { sleep } from "../../base/abort.ts";
import { readStopMark } from "../../cluster/stop_mark.ts";
import type { AskSlurm } from "../../cluster/slurm/slurm_command.ts";
import { realDisk } from "../../storage/disk.ts";
import { finished, notSubmitted } from "./messages.ts";
import { afterRound } from "./after_round.ts";
import { readRounds, type RoundResult } from "./rounds.ts";
import { saveStanding } from "./standing.ts";
import { readSubmission } from "./submission.ts";
import { submitRound } from "./submit_round.ts";

/** A controller that is away comes back in minutes, mostly: twelve of them. */
const PATIENCE = { tries: 8, pauseMs: backoffMs };

/**
 * The job after the agents of a round: manifest and summary, then another round where runs are left and the last one has
 * brought some. Throws CommandError and SaveError.
 */
export async function finishRound(
  dir: string,
  ask: AskSlurm,
  patience: typeof PATIENCE = PATIENCE,
): Promise<{ readonly text: string; readonly exitCode: number }> {
  const submission = readSubmission(dir);
  if (submission === null) throw new CommandError(EXIT.usage, notSubmitted(dir));
  const notes: string[] = [];
  const standing = saveStanding(dir, (text) => notes.push(text));
  const last = readRounds(dir).at(-1) ?? null;
  // Of an array that ended minutes ago Slurm still knows how; a job that it cancels itself is PREEMPTED, TIMEOUT, NODE_FAIL.
  const tasks = await askQueue(ask, last?.jobs ?? [], { ended: true }) ?? [];
  const isCancelled = tasks.some(({ state }) => state === "CANCELLED");
  const after = afterRound(standing, last, { isStopped: readStopMark(dir) !== null, isCancelled });
  let result: RoundResult | null = null;
  if (after === "again") {
    const begun = {
      round: (last?.round ?? 0) + 1,
      at: new Date().toISOString(),
      by_job: ownVariable("SLURM_JOB_ID") ?? null,
      agents: Math.min(submission.slurm.nodes, standing?.left ?? 1),
      ended_before: standing?.ended ?? 0,
    };
    result = await patiently(() => submitRound(realDisk, ask, dir, submission, begun), patience);
  }
  const isFine = after === "complete"
    ? standing?.failed === 0
    : result?.kind === "submitted" || after === "stopped";
  const text = [...notes, finished(dir, { after, standing, result })].join("\n");
  return { text, exitCode: isFine ? EXIT.ok : EXIT.runsFailed };
}

async function patiently(
  submit: () => Promise<RoundResult>,
  { tries, pauseMs }: typeof PATIENCE,
): Promise<RoundResult> {
  for (let tried = 1;; tried++) {
    const result = await submit();
    if (result.kind !== "absent" || tried >= tries) return result;
    await sleep(pauseMs(tried - 1));
  }
}
