import type { RunFinished } from "./event.ts";
import type { ResultRecord } from "../results/record.ts";

/** Error messages in the journal are cut here: its records stay small, the whole text is in the result file. */
const JOURNAL_MESSAGE_LENGTH = 300;

/** The journal's line for an attempt whose result file is on the disk. */
export function finishedEvent(
  record: ResultRecord,
  { will_retry, ...result }: Pick<RunFinished, "result_file" | "result_bytes" | "will_retry">,
): RunFinished {
  const { run, outcome, timing } = record;
  return {
    type: "run_finished",
    index: run.index,
    config_hash: run.config_hash,
    cycle: run.cycle,
    attempt: run.attempt,
    run_id: run.run_id,
    kind: outcome.kind,
    exit_code: outcome.exit_code,
    signal: outcome.signal,
    flags: outcome.flags,
    error_type: outcome.error?.type.slice(0, JOURNAL_MESSAGE_LENGTH) ?? null,
    error_message: outcome.error?.message.slice(0, JOURNAL_MESSAGE_LENGTH) ?? null,
    ...result,
    started_at: timing.started_at,
    completed_at: timing.ended_at,
    duration_s: timing.duration_s,
    warnings: [...new Set(record.warnings.map((warning) => warning.code))].slice(0, 10),
    will_retry,
  };
}
