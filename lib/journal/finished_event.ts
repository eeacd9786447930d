import type { RunFinished } from "./event.ts";
import { MAX_CODE_CHARS } from "../protocol/bounds.ts";
import type { ResultRecord } from "../results/record.ts";

/**
 * What the journal keeps of texts that a worker may have written: its lines stay small, the whole text is in the result
 * file. A record that is read back may be of an earlier version, which kept any length.
 */
const MESSAGE_CHARS = 300;
const MOST_CODES = 10;

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
    error_type: outcome.error?.type.slice(0, MESSAGE_CHARS) ?? null,
    error_message: outcome.error?.message.slice(0, MESSAGE_CHARS) ?? null,
    ...result,
    started_at: timing.started_at,
    completed_at: timing.ended_at,
    duration_s: timing.duration_s,
    warnings: [...new Set(record.warnings.map(({ code }) => code.slice(0, MAX_CODE_CHARS)))].slice(
      0,
      MOST_CODES,
    ),
    will_retry,
  };
}
