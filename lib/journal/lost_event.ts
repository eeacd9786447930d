import { utcNow } from "../base/clock.ts";
import type { AttemptFolder, RunFinished } from "./event.ts";
import { completedResultLost, runnerDied } from "./messages.ts";

/** The end of an attempt whose runner died, as a resume writes it down. */
export function lostEvent(begun: AttemptFolder): RunFinished {
  const at = utcNow();
  return {
    type: "run_finished",
    index: begun.index,
    config_hash: begun.config_hash,
    cycle: begun.cycle,
    attempt: begun.attempt,
    run_id: begun.run_id,
    kind: "lost",
    exit_code: null,
    signal: null,
    flags: [],
    error_type: "lost",
    error_message: runnerDied(),
    result_file: null,
    started_at: at,
    completed_at: at,
    duration_s: 0,
    warnings: [],
    will_retry: false,
  };
}

/** What became of the result of a completed run: it is not there, or not whole. */
export type ResultTrouble = "missing" | "damaged";

/** The end of an attempt that completed and whose result was lost later, as a resume writes it down. */
export function resultLostEvent(finished: RunFinished, trouble: ResultTrouble): RunFinished {
  const { result_bytes: _, ...rest } = finished;
  return {
    ...rest,
    kind: "lost",
    error_type: `result_${trouble}`,
    error_message: completedResultLost(finished.result_file, trouble),
    result_file: null,
    will_retry: false,
  };
}
