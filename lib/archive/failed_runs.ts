import { isFile } from "../base/files.ts";
import { join } from "node:path";
import { type HiddenTexts, hiddenTexts } from "../experiment/hidden_texts.ts";
import { secretsOfEnvironment } from "../experiment/secret_names.ts";
import { askedVariables } from "../experiment/worker_variables.ts";
import type { Outcome } from "../experiment/outcome.ts";
import { type Run, runKey } from "../experiment/run.ts";
import type { RunFinished } from "../journal/event.ts";
import { begunOf } from "../journal/fold.ts";
import { lostEvent } from "../journal/lost_event.ts";
import type { FailedAttempt } from "../results/failed_attempt.ts";
import { lastLines } from "../storage/log_tail.ts";
import { withoutMissing } from "./missing_results.ts";
import { readResult } from "./read_result.ts";
import type { OpenedStudy } from "./open_study.ts";

/** A run whose last attempt did not complete. */
export interface FailedRun {
  readonly run: Run;
  readonly run_id: string;
  readonly attempt: number;
  readonly failure: FailedAttempt;
  /** Null where it never ended. */
  readonly duration_s: number | null;
  /** Relative to the study directory; null where there is none. */
  readonly result_file: string | null;
  /** Path of the log as a person can open it; null where there is none. */
  readonly log_path: string | null;
}

/**
 * The runs of a study whose last attempt did not complete, in order, with what their result files and logs tell. A
 * result file that is missing or damaged costs the details of its run only. `isRunning` says whether a run that the
 * journal calls running may be: one whose runner is gone is lost. Of a log that no record has the end of, secrets of the
 * study and of this `env` are left out.
 */
export function failedRuns(
  { dir, plan, state }: Pick<OpenedStudy, "dir" | "plan" | "state">,
  isRunning: boolean,
  env: Readonly<Record<string, string | undefined>> = {},
): FailedRun[] {
  const { entries } = withoutMissing(dir, state, "read");
  return plan.runs.flatMap((run) => {
    const entry = entries.get(runKey(run));
    if (entry === undefined || entry.status === "pending" || entry.status === "completed") return [];
    if (entry.status === "running" && isRunning) return [];
    // With nobody there to run it, it is what a resume will call it.
    const begun = begunOf(entry);
    const end = entry.finished ?? (begun === null ? null : lostEvent(begun));
    return end === null ? [] : [failedRun(dir, run, end, () => secretsOf(run, plan, env))];
  });
}

function secretsOf(
  { config, config_hash }: Run,
  { secrets }: OpenedStudy["plan"],
  env: Readonly<Record<string, string | undefined>>,
): HiddenTexts | null {
  const own = (secrets[config_hash] ?? []).map(({ value }) => value);
  return hiddenTexts([...own, ...secretsOfEnvironment(env, askedVariables(config).map(({ name }) => name))]);
}

function failedRun(dir: string, run: Run, end: RunFinished, secrets: () => HiddenTexts | null): FailedRun {
  const { run_id, attempt, result_file } = end;
  const record = readResult(dir, end);
  const logPath = join(dir, record?.log_file ?? join("runs", run_id, "worker.log"));
  const failure: FailedAttempt = record ??
    { outcome: outcomeOf(end), config: run.config, worker: null, phases: [], log_tail: [] };
  // A record of an earlier llem may lack its log's end, too.
  const hidden = record?.log_tail === undefined ? secrets() : null;
  const log_tail = record?.log_tail ?? lastLines(logPath, (line) => hidden?.hide(line) ?? line);
  return {
    run,
    run_id,
    attempt,
    // The plan's own, which is known to be whole; the record's is the same, as its hash is.
    failure: { ...failure, config: run.config, log_tail },
    duration_s: end.kind === "lost" ? null : end.duration_s,
    result_file,
    log_path: isFile(logPath) ? logPath : null,
  };
}

/** What the journal keeps of an outcome. */
function outcomeOf(finished: RunFinished): Outcome {
  const { kind, exit_code, signal, flags, error_type, error_message } = finished;
  const error = { type: error_type ?? kind, message: error_message ?? "", traceback: null, retryable: null };
  return { kind, exit_code, signal, flags, error };
}
