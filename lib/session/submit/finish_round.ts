import { ownVariable } from "../../base/own_environment.ts";
import { CommandError, EXIT } from "../../base/refusal.ts";
import { askQueue, backoffMs } from "../../cluster/slurm/squeue.ts";
import { sleep } from "../../base/abort.ts";
import { readStopMark } from "../../cluster/stop_mark.ts";
import type { AskSlurm } from "../../cluster/slurm/slurm_command.ts";
import { realDisk } from "../../storage/disk.ts";
import { finished, notSubmitted, queueIsAway } from "./messages.ts";
import { type AfterRound, afterRound, type Standing } from "./after_round.ts";
import { readRounds, type RoundResult } from "./rounds.ts";
import { saveStanding } from "./standing.ts";
import { readSubmission, type Submission } from "./submission.ts";
import { submitRound } from "./submit_round.ts";

/** A controller that is away comes back in minutes, mostly: ten of them, with what its commands wait themselves. */
const PATIENCE = { tries: 7, pauseMs: backoffMs };

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
  const { after, result } = await patiently(
    (isLastTry) => goOn(dir, submission, standing, ask, isLastTry),
    patience,
  );
  const isFine = after === "complete"
    ? standing?.failed === 0
    : result?.kind === "submitted" || after === "stopped";
  const text = [...notes, finished(dir, { after, standing, result })].join("\n");
  return { text, exitCode: isFine ? EXIT.ok : EXIT.runsFailed };
}

interface Outcome {
  readonly after: AfterRound;
  readonly result: RoundResult | null;
}

/** Submits the next round where one is due. All that decides is looked at again with every try: meanwhile somebody may have stopped the study. */
async function goOn(
  dir: string,
  submission: Submission,
  standing: Standing | null,
  ask: AskSlurm,
  isLastTry: boolean,
): Promise<Outcome> {
  const last = readRounds(dir).at(-1) ?? null;
  // Of an array that ended minutes ago Slurm still knows how; a job that it cancels itself is PREEMPTED, TIMEOUT, NODE_FAIL.
  const tasks = await askQueue(ask, last?.jobs ?? [], { ended: true });
  const isCancelled = tasks?.some(({ state }) => state === "CANCELLED") ?? false;
  const after = afterRound(standing, last, { isStopped: readStopMark(dir) !== null, isCancelled });
  if (after !== "again") return { after, result: null };
  if (tasks === null && !isLastTry) return { after, result: { kind: "absent", text: queueIsAway() } };
  const begun = {
    round: (last?.round ?? 0) + 1,
    at: new Date().toISOString(),
    by_job: ownVariable("SLURM_JOB_ID") ?? null,
    agents: Math.min(submission.slurm.nodes, standing?.left ?? 1),
    ended_before: standing?.ended ?? 0,
  };
  return { after, result: await submitRound(realDisk, ask, dir, submission, begun) };
}

async function patiently(
  goOn: (isLastTry: boolean) => Promise<Outcome>,
  { tries, pauseMs }: typeof PATIENCE,
): Promise<Outcome> {
  for (let tried = 1;; tried++) {
    const outcome = await goOn(tried >= tries);
    if (outcome.result?.kind !== "absent" || tried >= tries) return outcome;
    await sleep(pauseMs(tried - 1));
  }
}
