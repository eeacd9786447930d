import { askSlurm } from "../../../cluster/slurm/slurm_command.ts";
import { EXIT } from "../../../base/refusal.ts";
import { jsonText, printable, printableLines } from "../../../base/text.ts";
import { finishRound } from "../../../session/submit/finish_round.ts";
import { keptRequest, recordedFiles } from "../../../session/submit/submission.ts";
import { submitAgain } from "../../../session/submit/submit_again.ts";
import {
  foreseenScripts,
  prepareSubmission,
  submitStudy,
  type SubmittedStudy,
} from "../../../session/submit/submit_study.ts";
import { readPlan } from "../../../session/read_plan.ts";
import { printReading } from "../../terminal/print_issues.ts";
import type { Streams } from "../../terminal/streams.ts";
import { refusingUnsaved } from "../save_refused.ts";
import { markRemoved, submittedText, wouldSubmit } from "./messages.ts";
import type { SubmitCommand } from "./options.ts";

/** `llem submit`: agents for a Slurm cluster. */
export function submitCommand(command: SubmitCommand, streams: Streams): Promise<number> {
  return refusingUnsaved(() => submitted(command, streams));
}

async function submitted(command: SubmitCommand, streams: Streams): Promise<number> {
  switch (command.kind) {
    case "submit":
      return await submitNew(command, streams);
    case "submit_again": {
      const { study, left, wasStopped } = await submitAgain(command, askSlurm);
      if (wasStopped) streams.err.write(`llem: ${markRemoved()}\n`);
      return tell({ study, runs: left }, command.nodes ?? study.submission.slurm.nodes, command, streams);
    }
    case "submit_finish": {
      const { text, exitCode } = await finishRound(command.dir, askSlurm);
      streams.out.write(printableLines(`${text}\n`));
      return exitCode;
    }
  }
}

async function submitNew(
  command: SubmitCommand & { kind: "submit" },
  streams: Streams,
): Promise<number> {
  const files = recordedFiles();
  const request = keptRequest(command);
  // Mistakes are told of the file as the user named it.
  const reading = readPlan({ ...request, file: command.file }, files);
  const plan = printReading(reading, streams, command);
  if (plan === null) return EXIT.usage;
  const prepared = await prepareSubmission(request, { ...reading, plan }, files, command, askSlurm);
  if (command.print) {
    const { slurm } = prepared.submission;
    streams.err.write(`llem: ${wouldSubmit(slurm.nodes, slurm.exclusive)}\n`);
    streams.out.write(printableLines(foreseenScripts(prepared).agents));
    return EXIT.ok;
  }
  const study = await submitStudy(prepared, reading.text, askSlurm);
  return tell({ study, runs: study.submission.n_runs }, command.nodes, command, streams);
}

/** `runs`: those that the agents are to make. */
function tell(
  { study, runs }: { readonly study: SubmittedStudy; readonly runs: number },
  asked: number,
  { json }: { readonly json: boolean },
  { out }: Streams,
): number {
  const { dir, submission, result: { round, trouble, cancels_preempted } } = study;
  const { slurm: { time_s, exclusive } } = submission;
  const { jobs, finish_job, agents } = round;
  if (json) {
    out.write(
      `${jsonText({ event: "submitted", study_dir: dir, total: runs, agents, jobs, finish_job, trouble })}\n`,
    );
    return EXIT.ok;
  }
  const shown = trouble === null ? null : printable(trouble);
  const text = submittedText({
    dir,
    runs,
    left: runs - round.ended_before,
    agents,
    asked,
    time_s,
    exclusive,
    jobs,
    finish_job,
    trouble: shown,
    cancels_preempted,
  });
  out.write(printableLines(text));
  return EXIT.ok;
}
